import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventError } from '../../machines/index.js';
import { ladderSvg } from '../../viz/src/ladder/ladder-svg.js';
import type { SessionView } from '../../viz/src/state/contracts.js';
import { launchBrowser } from '../support/browser.js';
import { long, refusedTwice, request, sessionOf, viewOf } from './sessions.js';

let browser: Browser;
let page: Page;

beforeAll(async () => {
  browser = await launchBrowser();
  page = await browser.newPage();
}, 60_000);

afterAll(() => browser?.close());

interface Drawn {
  readonly words: string;
  readonly title: string | null;
  readonly isCentred: boolean;
  readonly box: { x: number; y: number; width: number; height: number };
}

/** Every text of a picture with its box, or that of the frame around it, as the browser draws it, and the size of the picture. */
async function drawn(svg: string): Promise<{ texts: Drawn[]; width: number; height: number }> {
  return page.evaluate((source) => {
    document.body.innerHTML = source;
    const root = document.querySelector('svg') as SVGSVGElement;
    const texts = [...root.querySelectorAll('text')].map((text) => {
      const before = text.previousElementSibling;
      const framed = before?.matches('rect[stroke]') ? (before as SVGRectElement) : text;
      const { x, y, width, height } = framed.getBBox();
      const title = text.querySelector('title')?.textContent ?? null;
      return {
        words: [...text.childNodes].at(-1)?.textContent ?? '',
        title,
        isCentred: text.getAttribute('text-anchor') === 'middle',
        box: { x, y, width, height },
      };
    });
    return { texts, width: root.viewBox.baseVal.width, height: root.viewBox.baseVal.height };
  }, svg);
}

/** What is wrong with where texts are: outside the picture, over a lifeline, or over each other. */
function faultsOf({ texts, width, height }: Awaited<ReturnType<typeof drawn>>): string[] {
  const faults: string[] = [];
  const [client, server] = [290, 660];
  const heads = new Set(['Client', 'Interaction Server']);
  for (const [index, { words, isCentred, box }] of texts.entries()) {
    const right = box.x + box.width;
    const bottom = box.y + box.height;
    if (box.x < 0 || box.y < 0 || right > width || bottom > height) faults.push(`cut: ${words}`);
    if (isCentred && !heads.has(words) && (box.x < client || right > server)) {
      faults.push(`over a lifeline: ${words}`);
    }
    for (const other of texts.slice(index + 1)) {
      const isBeside = other.box.x >= right || other.box.x + other.box.width <= box.x;
      const isBelow = other.box.y >= bottom || other.box.y + other.box.height <= box.y;
      if (!isBeside && !isBelow) faults.push(`over each other: ${words} / ${other.words}`);
    }
  }
  return faults;
}

const filled = (part: string, length: number) =>
  part.repeat(Math.ceil(length / part.length)).slice(0, length);

/** A session in which every text that a client or a server may choose is long. */
function talkative(text: (length: number) => string, session = text(200)): SessionView {
  const view = sessionOf(({ connect, client, server, wait }) => {
    connect();
    client(request(1, { clientName: text(255), clientType: text(100) }));
    server(eventError(1, 2, text(500)));
    wait(3_000);
    client({ messageName: text(300), referenceId: 2 });
    server(eventError(2, 1, text(200)));
    server({ messageName: text(60), referenceId: 77 });
    wait(60_000);
  }, session);
  const [first, second, ...rest] = view.steps;
  if (!first || !second) throw new Error('there are no steps');
  const observed = {
    file: 'ixn.log',
    line: 1,
    inferred: [],
    missing: 'gap' as const,
    findings: [{ code: 'wrong-reference-id' as const, sentence: text(400) }],
  };
  return { ...viewOf([first, { ...second, observed }, ...rest]), origin: 'recording' };
}

describe('The picture of a ladder', () => {
  it.each([
    ['words', 'the quick brown fox jumps over the lazy dog '],
    ['one wide word', 'W'],
    ['one narrow word', 'il'],
    ['capitals and digits', 'DESK-0123456789_'],
    ['Chinese', '客户端登记'],
    ['Hebrew', 'לקוח שלום '],
    ['Arabic with overrides', '\u202eعميل غير صالح\u2067 '],
    ['emoji', '🎉👍🏽'],
    ['markup', '<b>&amp;"</b> '],
    ['blanks', '          x'],
  ])('has no text that is cut or lies over another one: %s', async (_kind, part) => {
    const result = await drawn(ladderSvg(talkative((length) => filled(part, length))));
    expect(result.texts.length).toBeGreaterThan(20);
    expect(faultsOf(result)).toEqual([]);
    const shortened = result.texts.filter(({ words }) => words.endsWith('…'));
    for (const { words, title } of shortened)
      expect(title?.length ?? 0).toBeGreaterThan(words.length);
  });

  it('has every word of texts of usual length, and the whole text where it is shortened', async () => {
    const name = filled('desk number seven of the north hall ', 255).trim();
    const error = filled('the client is not on the list of the north hall; ', 500).trim();
    const view = sessionOf(({ connect, client, server, wait }) => {
      connect();
      client(request(1, { clientName: name }));
      server(eventError(1, 2, error));
      client({ messageName: 'X'.repeat(300), referenceId: 2 });
      wait(60_000);
    }, 'session-7');
    const { texts } = await drawn(ladderSvg(view));
    const all = texts.map(({ words }) => words).join(' ');
    // In the title, and at the arrow; the error in the verdict too.
    expect(all.split(name)).toHaveLength(3);
    expect(all).toContain(`2: ${error.slice(0, 300)}`);
    expect(all).toContain(`the server said: ${error}`);
    const cut = texts.filter(({ title }) => title !== null);
    expect(cut.map(({ title }) => title)).toContain('X'.repeat(300));
  });

  it('is titled with the client and what became of it, not with the file', async () => {
    const svg = ladderSvg(refusedTwice());
    const { texts } = await drawn(svg);
    expect(texts[0]?.words).toBe('desk-9');
    expect(texts[1]?.words).toMatch(/^Session /);
    expect(texts[2]?.words).toMatch(/^refused, then spoke \(2c\); the server said/);
    const titles = await page.locator('svg > title').allTextContents();
    expect(titles[0]).toMatch(/^desk-9, Session .+, refused, then spoke \(2c\)$/);
    const nameless = sessionOf(({ connect }) => connect());
    expect((await drawn(ladderSvg(nameless))).texts[0]?.words).toBe('(no name)');
  });

  it('has gaps, times of days and many steps in their places', async () => {
    const whole = long(60);
    const gaps = [{ from: 10, to: 20, cause: 'not in the recording' }];
    const late = whole.steps
      .filter(({ seq }) => seq < 10 || seq > 20)
      .map((step) => (step.seq > 20 ? { ...step, elapsed: step.elapsed + 3e11 } : step));
    expect(faultsOf(await drawn(ladderSvg(viewOf(late, gaps))))).toEqual([]);
  });
});
