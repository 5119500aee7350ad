import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { configurations } from '../../machines/registration/chart/configurations.js';
import { registrationEdges } from '../../machines/registration/chart/edges.js';
import { buildChartSite, type ChartInput, type ChartSite, chartTools } from './chart-site.js';

const request = 'awaiting:RequestRegisterClient';
const refused = ['validating:EventError', 'registration:EventError'];

let site: ChartSite;
let page: Page;

beforeAll(async () => {
  site = await buildChartSite();
}, 60_000);

afterEach(async () => {
  await page?.context().close();
});

afterAll(async () => {
  await site?.close();
});

const { show, selectedByUser, label, colour, middleOf } = chartTools(() => page);
const awaiting = '[data-state$=".awaiting"] .chart-box';
const refusing = '[data-state$=".refusing"] .chart-box';

describe('by mouse, keys and fingers', () => {
  const bounds = async () => {
    const box = await page.locator('.chart-canvas > g').boundingBox();
    if (!box) throw new Error('nothing is drawn');
    return box;
  };

  it('shows all of it at first, and again when its pane changes', async () => {
    page = await site.open();
    await show({});
    const inside = async (width: number, height: number) => {
      const { x, y, width: drawn, height: high } = await bounds();
      expect(Math.min(x, y)).toBeGreaterThanOrEqual(0);
      expect(x + drawn).toBeLessThanOrEqual(width);
      expect(y + high).toBeLessThanOrEqual(height);
      return drawn;
    };
    const first = await inside(640, 560);
    await page.setViewportSize({ width: 1280, height: 720 });
    await expect.poll(async () => (await bounds()).width).toBeGreaterThan(first * 1.1);
    await inside(1280, 720);
  });

  it('keeps what was zoomed when its pane changes', async () => {
    page = await site.open();
    await show({});
    await page.getByRole('button', { name: 'Zoom in' }).click();
    const { width } = await bounds();
    await page.setViewportSize({ width: 900, height: 700 });
    await page.evaluate(() => new Promise(requestAnimationFrame));
    expect((await bounds()).width).toBeCloseTo(width, 0);
    await page.getByRole('button', { name: 'Show the whole chart' }).click();
    await expect.poll(async () => (await bounds()).width).not.toBeCloseTo(width, 0);
  });

  it('zooms with the wheel towards the pointer', async () => {
    page = await site.open();
    await show({});
    const before = await middleOf(awaiting);
    await page.mouse.move(before.x, before.y);
    await page.mouse.wheel(0, -400);
    await expect
      .poll(async () => (await middleOf(awaiting)).width)
      .toBeGreaterThan(before.width * 1.5);
    const after = await middleOf(awaiting);
    expect(after.x).toBeCloseTo(before.x, 0);
    expect(after.y).toBeCloseTo(before.y, 0);
  });

  it('can be dragged, and a drag that begins on a label selects nothing', async () => {
    page = await site.open();
    await show({});
    const before = await middleOf(awaiting);
    const from = await middleOf(`[data-edge="${request}"]`);
    await page.mouse.move(from.x, from.y);
    await page.mouse.down();
    await page.mouse.move(from.x - 60, from.y + 40, { steps: 4 });
    await page.mouse.up();
    const after = await middleOf(awaiting);
    expect(after.x - before.x).toBeCloseTo(-60, 0);
    expect(after.y - before.y).toBeCloseTo(40, 0);
    expect(await selectedByUser()).toEqual([]);
  });

  it('zooms with a two-finger pinch', async () => {
    page = await site.open({ hasTouch: true, viewport: { width: 390, height: 844 } });
    await show({});
    const before = await middleOf(refusing);
    const session = await page.context().newCDPSession(page);
    const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', apart: number) =>
      session.send('Input.dispatchTouchEvent', {
        type,
        touchPoints:
          type === 'touchEnd'
            ? []
            : [-apart, apart].map((dx, id) => ({ x: before.x + dx, y: before.y, id })),
      });
    await touch('touchStart', 30);
    for (const apart of [40, 50, 60]) await touch('touchMove', apart);
    await touch('touchEnd', 0);
    const after = await middleOf(refusing);
    expect(after.width / before.width).toBeCloseTo(2, 1);
    expect(after.x).toBeCloseTo(before.x, -1);
  });

  it('selects the edge whose label is clicked, those on one loop apart', async () => {
    page = await site.open();
    await show({ configuration: 'registered' });
    await label(request).click();
    await label('registered:EventAck').click();
    await label('registered:OtherEvent').click();
    expect(await selectedByUser()).toEqual([
      request,
      'registered:EventAck',
      'registered:OtherEvent',
    ]);
  });

  it('is fully reachable with Tab, and Enter or Space selects', async () => {
    page = await site.open();
    await show({ configuration: 'validating/registration', counts: { [request]: 3 } });
    const reached: (string | null)[] = [];
    await page.keyboard.press('Tab');
    for (let tabs = 0; tabs < 20; tabs += 1) {
      await page.keyboard.press('Tab');
      reached.push(
        await page.evaluate(() => {
          const focused = document.activeElement;
          return focused?.getAttribute('data-edge') ?? focused?.getAttribute('aria-label') ?? null;
        }),
      );
    }
    expect(reached).toEqual([
      ...registrationEdges.filter(({ unexpected }) => !unexpected).map(({ id }) => id),
      'Zoom out',
      'Zoom in',
      'Show the whole chart',
    ]);
    await label(request).focus();
    await page.keyboard.press('Enter');
    await label('validating:EventAck').focus();
    await page.keyboard.press('Space');
    expect(await selectedByUser()).toEqual([request, 'validating:EventAck']);
  });

  it('names an edge by its states, its event and how often it was taken', async () => {
    page = await site.open();
    await show({ configuration: 'validating/registration', counts: { [request]: 3 } });
    expect(await label(request).getAttribute('aria-label')).toBe(
      'awaiting, RequestRegisterClient to validating, taken 3 times: The client asks to register.',
    );
    expect(await label('registered:OtherMessage').getAttribute('aria-label')).toBe(
      'registered, OtherMessage stays, never taken: A message for the service.',
    );
  });

  it('scrolls a label into view when it gets the keyboard focus', async () => {
    page = await site.open();
    await show({});
    await page.locator('.chart').focus();
    for (let times = 0; times < 20; times += 1) await page.keyboard.press('ArrowDown');
    expect((await middleOf('[data-edge="connecting:Connected"]')).y).toBeLessThan(0);
    await label('connecting:Connected').focus();
    await expect
      .poll(async () => (await middleOf('[data-edge="connecting:Connected"]')).y)
      .toBeGreaterThan(0);
  });

  it('moves with the arrows, zooms with plus and minus, and shows all of it with 0', async () => {
    page = await site.open();
    await show({});
    const first = await middleOf(awaiting);
    await page.locator('.chart').focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowUp');
    const moved = await middleOf(awaiting);
    expect([moved.x - first.x, moved.y - first.y].map(Math.round)).toEqual([-40, 40]);
    await page.keyboard.press('+');
    await page.keyboard.press('+');
    expect((await middleOf(awaiting)).width / first.width).toBeCloseTo(1.25 ** 2, 1);
    await page.keyboard.press('-');
    expect((await middleOf(awaiting)).width / first.width).toBeCloseTo(1.25, 1);
    await page.keyboard.press('0');
    expect(await middleOf(awaiting)).toEqual(first);
  });

  it('leaves keys with Ctrl to the browser', async () => {
    page = await site.open();
    await show({});
    const first = await middleOf(awaiting);
    await page.locator('.chart').dispatchEvent('keydown', { key: '+', ctrlKey: true });
    expect(await middleOf(awaiting)).toEqual(first);
  });
});

describe('the picture', () => {
  const props: ChartInput = {
    configuration: 'awaiting/rejection',
    taken: { edges: refused, seq: 3 },
    counts: { [request]: 1 },
    selected: [request],
    deadline: { kind: 'rejection', left: 2_500, total: 5_000, running: true },
    path: ['connecting:Connected', request],
  };
  const parsed = (text: string) =>
    page.evaluate((svg) => {
      const { documentElement: root } = new DOMParser().parseFromString(svg, 'image/svg+xml');
      return {
        faults: root.querySelectorAll('parsererror').length,
        name: root.nodeName,
        texts: [...root.querySelectorAll('text, title')].map((each) => each.textContent),
        scripts: root.querySelectorAll('script, [onclick], [onload], image, foreignObject').length,
        lines: root.querySelectorAll('.chart-line').length,
      };
    }, text);

  it('is standalone XML that contains the colours', async () => {
    page = await site.open();
    const svg = await page.evaluate((shown) => window.chartPage.svg(shown), props);
    const found = await parsed(svg);
    expect(found).toMatchObject({ faults: 0, name: 'svg', scripts: 0, lines: 17 });
    expect(found.texts).toEqual(
      expect.arrayContaining(['awaiting', 'RequestRegisterClient', '2.5 s left']),
    );
    expect(svg).not.toMatch(/var\(|url\(|https?:(?!\/\/www\.w3\.org\/2000\/svg)|currentColor/);
    expect(svg).toContain('fill="#ffffff"');
  });

  it('is light unless dark is requested', async () => {
    page = await site.open({ colorScheme: 'dark' });
    const [light, dark] = await page.evaluate(
      (shown) => [window.chartPage.svg(shown), window.chartPage.svg(shown, true)],
      props,
    );
    expect(light).toContain('fill="#ffffff"');
    expect(dark === light || dark?.includes('#ffffff')).toBe(false);
    expect((await parsed(dark ?? '')).faults).toBe(0);
  });

  it('is drawn by the browser as a picture: lit states, ring and all', async () => {
    page = await site.open();
    const colours = await page.evaluate(async (shown) => {
      const image = new Image();
      image.src = `data:image/svg+xml,${encodeURIComponent(window.chartPage.svg(shown))}`;
      await image.decode();
      const canvas = document.createElement('canvas');
      canvas.width = image.naturalWidth;
      canvas.height = image.naturalHeight;
      const context = canvas.getContext('2d');
      context?.drawImage(image, 0, 0);
      const { data } = context?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: [] };
      const seen = new Set<string>();
      for (let at = 0; at < data.length; at += 4)
        seen.add([data[at], data[at + 1], data[at + 2]].join(' '));
      return [...seen];
    }, props);
    for (const name of ['--panel', '--active-soft', '--active', '--accent', '--warn', '--ink'])
      expect(colours, name).toContain((await colour(name)).match(/\d+/g)?.join(' '));
  });

  it('contains the texts of another chart as text only', async () => {
    page = await site.open();
    const hostile = '</title><script>alert(1)</script>&"\'\u0000\ud800<!--';
    const box = { x: 0, y: 0, width: 100, height: 34 };
    const layout = {
      width: 200,
      height: 100,
      dividers: [],
      states: [
        {
          ...box,
          id: hostile,
          key: hostile,
          type: 'atomic',
          description: hostile,
          parent: null,
          region: false,
          timed: false,
          initial: null,
        },
      ],
      edges: [
        {
          id: 'edge',
          source: hostile,
          target: hostile,
          label: hostile,
          kind: 'event',
          stays: true,
          description: hostile,
          labelBox: box,
          path: 'M0,0L1,1',
          head: '',
        },
      ],
    };
    const svg = await page.evaluate((chart) => window.chartPage.foreignSvg(chart, []), layout);
    expect(await parsed(svg)).toMatchObject({ faults: 0, scripts: 0 });
    await page.evaluate(
      (chart) => window.chartPage.showForeign(chart, [chart.states[0]?.id ?? '']),
      layout,
    );
    expect(await page.locator('script:not([type=module])').count()).toBe(0);
    expect(await page.locator('[data-active="true"]').count()).toBe(1);
    await label('edge').click();
    expect(await selectedByUser()).toEqual(['edge']);
  });
});

describe('the page around it', () => {
  it.each(['light', 'dark'] as const)(
    'has no serious axe violation, in %s',
    async (colorScheme) => {
      page = await site.open({ colorScheme });
      await show({
        configuration: 'awaiting/rejection',
        counts: { [request]: 2 },
        selected: [request],
        deadline: { kind: 'rejection', left: 2_500, total: 5_000, running: false },
      });
      await page.addScriptTag({ path: 'node_modules/axe-core/axe.min.js' });
      const faults = await page.evaluate(async () => {
        // biome-ignore lint/suspicious/noExplicitAny: axe puts itself on the window
        const { violations } = await (window as any).axe.run();
        return (violations as { id: string; impact: string; nodes: { html: string }[] }[])
          .filter(({ impact }) => impact === 'serious' || impact === 'critical')
          .map(({ id, nodes }) => [id, nodes.map(({ html }) => html).slice(0, 2)]);
      });
      expect(faults).toEqual([]);
    },
  );

  it('does not shift anything while the session continues', async () => {
    page = await site.open();
    await page.evaluate(() => {
      const shifts: number[] = [];
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries())
          shifts.push((entry as { value?: number }).value ?? 0);
      }).observe({ type: 'layout-shift', buffered: true });
      Object.assign(window, { shifts });
    });
    for (const configuration of configurations) {
      const deadline = configuration.endsWith('/rejection')
        ? ({ kind: 'rejection', left: 900, total: 1_000, running: false } as const)
        : null;
      await show({ configuration, deadline });
      await page.evaluate(() => new Promise(requestAnimationFrame));
    }
    expect(await page.evaluate(() => (window as { shifts?: number[] }).shifts)).toEqual([]);
  });

  it('does not contain the layout engine', async () => {
    expect(await site.scripts()).not.toContain('org.eclipse.elk');
  });

  it('logs no errors', () => {
    expect(site.complaints).toEqual([]);
  });
});
