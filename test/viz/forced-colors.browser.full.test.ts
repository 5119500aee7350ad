import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPageServer, type WebServer } from '../../adapters/web/index.js';
import {
  type FigureId,
  findFigure,
  playFigureOnChart,
  recordingText,
} from '../../machines/index.js';
import { files, openFile } from './page-views.js';
import { watchingBrowser } from './watched-gate.js';

const browser = watchingBrowser();

/** A session of each kind of verdict: good, unclear, bad, and one still open. */
const played = (id: FigureId, session: string) =>
  playFigureOnChart(findFigure(id)).steps.map((step) => ({ ...step, session }));
const recording = recordingText([
  ...played('2b', 'doubtful'),
  ...played('2c', 'bad'),
  ...played('1', 'going-on').slice(0, 1),
  ...played('1', 'good'),
]);

type Colour = readonly [number, number, number];

/** WCAG contrast of two colours. */
function contrast(one: Colour, other: Colour): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(colour: Colour): number {
  const [red = 0, green = 0, blue = 0] = colour.map((part) => {
    const value = part / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

describe.each(['light', 'dark'] as const)('In forced colours, %s', (colorScheme) => {
  let site: WebServer;
  let page: Page;
  /** A page that reads pictures; its content policy allows that. */
  let reader: Page;

  beforeAll(async () => {
    site = await openPageServer();
    const viewport = { width: 1280, height: 900 };
    page = await browser.open(site.url, {
      kept: true,
      viewport,
      colorScheme,
      forcedColors: 'active',
      reducedMotion: 'reduce',
    });
    reader = await page.context().newPage();
    await page.bringToFront();
    await openFile(page, 'verdicts.jsonl', recording);
    await page.locator('.session-row').nth(3).waitFor();
  });

  afterAll(async () => {
    await page?.context().close();
    await site?.close();
  });

  const row = (session: string) => page.locator(`.session-row[data-session="${session}"]`);
  const choose = async (session: string) => {
    await row(session).click();
    await page.mouse.move(640, 5);
  };

  /** The pixels of the middle of an element, from the most frequent colour to the rarest. */
  async function coloursOf(element: Locator): Promise<Colour[]> {
    const box = await element.boundingBox();
    if (!box) throw new Error('nothing is drawn');
    const png = await page.screenshot({
      clip: {
        x: box.x + box.width * 0.2,
        y: box.y + box.height * 0.2,
        width: box.width * 0.6,
        height: box.height * 0.6,
      },
    });
    return reader.evaluate(async (data) => {
      const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
      const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
      const { width, height } = bitmap;
      const context = new OffscreenCanvas(width, height).getContext('2d');
      context?.drawImage(bitmap, 0, 0);
      const pixels = context?.getImageData(0, 0, width, height).data ?? [];
      const counts = new Map<string, number>();
      for (let at = 0; at < pixels.length; at += 4) {
        const colour = [...pixels.slice(at, at + 3)].join();
        counts.set(colour, (counts.get(colour) ?? 0) + 1);
      }
      return [...counts]
        .sort(([, a], [, b]) => b - a)
        .map(([colour]) => colour.split(',').map(Number) as [number, number, number]);
    }, png.toString('base64'));
  }

  /** The background of an element, and the best contrast of any of its pixels with it. */
  async function look(element: Locator): Promise<{ ground: string; contrast: number }> {
    const colours = await coloursOf(element);
    const [ground = [0, 0, 0]] = colours;
    return {
      ground: ground.join(),
      contrast: Math.max(...colours.map((colour) => contrast(ground, colour))),
    };
  }

  /** Computed style properties; colours as their contrast with the window's. */
  async function style(element: Locator, ...properties: string[]): Promise<(string | number)[]> {
    const [window, values] = await element.evaluate((node, names) => {
      const drawn = getComputedStyle(node);
      return [
        getComputedStyle(document.body).backgroundColor,
        names.map((name) => drawn.getPropertyValue(name)),
      ] as const;
    }, properties);
    const colour = (text: string) => (text.match(/[\d.]+/g) ?? []).map(Number) as unknown as Colour;
    return values.map((value) =>
      value.startsWith('rgb') ? contrast(colour(value), colour(window)) : value,
    );
  }

  it('verdicts have marks of different shapes', async () => {
    const marks = new Map<string, string>();
    for (const session of ['good', 'doubtful', 'bad', 'going-on']) {
      const png = await row(session).locator('.dot').screenshot();
      marks.set(png.toString('base64'), session);
    }
    expect([...marks.values()]).toEqual(['good', 'doubtful', 'bad', 'going-on']);
  });

  it('the selected session, the pressed button and the tab that is open stand out, and can be read', async () => {
    await choose('good');
    const edge = ['border-left-width', 'border-left-color'];
    const [width, visible] = await style(row('good'), ...edge);
    expect(width).toBe('6px');
    expect(visible).toBeGreaterThan(3);
    expect(await style(row('bad'), 'border-left-width')).toEqual(['0px']);
    const button = page.locator('.beside > button');
    const before = await look(button);
    await button.click();
    await page.mouse.move(640, 5);
    const pressed = await look(button);
    expect(pressed.ground).not.toBe(before.ground);
    const nav = (name: string) => page.getByRole('button', { name, exact: true });
    const open = await look(nav('Sessions'));
    const other = await look(nav('Figures'));
    expect(open.ground).not.toBe(other.ground);
    for (const { contrast: seen } of [before, pressed, open, other])
      expect(seen).toBeGreaterThan(4.5);
    await button.click();
  });

  it('the chart shows the current state, taken and never taken edges, and the deadline', async () => {
    await choose('good');
    const name = page.locator('[data-state$=".registered"] .chart-name');
    const active = await look(name);
    await page.getByRole('button', { name: 'Previous step' }).click();
    await page.mouse.move(640, 5);
    const inactive = await look(name);
    expect(active.ground).not.toBe(inactive.ground);
    expect(Math.min(active.contrast, inactive.contrast)).toBeGreaterThan(4.5);

    const line = (edge: string) => page.locator(`[data-line="${edge}"] .chart-line`);
    const drawn = ['stroke-dasharray', 'stroke-width', 'stroke'];
    const [dashes, width, stroke] = await style(line('awaiting:RequestRegisterClient'), ...drawn);
    expect([dashes, width]).toEqual(['none', '4px']);
    expect(stroke).toBeGreaterThan(3);
    const [never, thin, faint] = await style(line('registered:OtherEvent'), ...drawn);
    expect([never, thin]).toEqual(['4px, 3px', '1.3px']);
    expect(faint).toBeGreaterThan(3);

    const [ring, ringColour] = await style(page.locator('.chart-ring'), 'stroke-width', 'stroke');
    expect(ring).toBe('4px');
    expect(ringColour).toBeGreaterThan(3);
    expect((await look(page.locator('.chart-left'))).contrast).toBeGreaterThan(4.5);
  });

  it('the ladder shows the current step, and which deadline runs', async () => {
    await choose('bad');
    const step = page.locator('.ladder-step.at-cursor');
    const [width, colour] = await style(step, 'border-left-width', 'border-left-color');
    expect(width).toBe('6px');
    expect(colour).toBeGreaterThan(3);
    const bracket = async (kind: string) =>
      style(
        page.locator(`.ladder-bracket.${kind}`).first(),
        'border-right-style',
        'border-right-color',
      );
    const [registration, first] = await bracket('registration');
    const [rejection, second] = await bracket('rejection');
    expect([registration, rejection]).toEqual(['solid', 'double']);
    expect(first).toBeGreaterThan(3);
    expect(second).toBeGreaterThan(3);
  });

  it('the focus is visible everywhere, and so are icons', async () => {
    await choose('good');
    const outlined = [
      '.session-list',
      '.ladder-step.at-cursor',
      '.chart',
      '.scrubber input',
      '.find',
    ];
    for (const selector of [...outlined, 'button[aria-label="Previous step"]', 'nav button']) {
      const element = page.locator(selector).first();
      await element.focus();
      // The browser shows the focus after keyboard use.
      await page.keyboard.press('Shift');
      const [kind, width, colour] = await style(
        element,
        'outline-style',
        'outline-width',
        'outline-color',
      );
      expect([selector, kind, width]).toEqual([selector, 'solid', '3px']);
      expect(colour, selector).toBeGreaterThan(3);
    }
    const label = page.locator('.chart-label[role=button]').first();
    await label.focus();
    expect(await style(label.locator('.chart-pill'), 'stroke-width')).toEqual(['4px']);
    for (const name of ['First step', 'Zoom in', 'Close verdicts.jsonl']) {
      const icon = page.getByRole('button', { name }).locator('svg');
      expect((await look(icon)).contrast, name).toBeGreaterThan(3);
    }
  });

  it('a coverage shows what was never covered', async () => {
    await openFile(page, 'today.json', files['today.json']);
    await page.getByRole('heading', { name: 'Coverage of today.json' }).waitFor();
    const count = (edge: string) => page.locator(`[data-badges="${edge}"] .chart-count rect`);
    const covered = await look(count('connecting:Connected'));
    const uncovered = await look(count('registered:OtherEvent'));
    expect(covered.ground).not.toBe(uncovered.ground);
    expect(Math.min(covered.contrast, uncovered.contrast)).toBeGreaterThan(4.5);
    const line = (edge: string) => page.locator(`[data-line="${edge}"] .chart-line`);
    expect(await style(line('connecting:Connected'), 'stroke-dasharray')).toEqual(['none']);
    expect(await style(line('registered:OtherEvent'), 'stroke-dasharray')).toEqual(['4px, 3px']);
  });
});
