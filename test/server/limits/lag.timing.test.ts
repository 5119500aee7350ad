import { afterEach, describe, expect, it } from 'vitest';
import { LagWatch } from '../../../adapters/server/limits/index.js';

let watch: LagWatch;
afterEach(() => watch.close());

const busy = (milliseconds: number) => {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
};

/** Watches until what was heard is enough. */
async function heardUntil(isEnough: (heard: { at: number; late: number }[]) => boolean) {
  const heard: { at: number; late: number }[] = [];
  await new Promise<void>((resolve) => {
    watch = new LagWatch((late) => {
      heard.push({ at: performance.now(), late });
      if (isEnough(heard)) resolve();
    });
    setTimeout(busy, 10, 150);
  });
  return heard;
}

describe('a watch on the event loop', () => {
  it('reports a delay after its end, with its length except for a tenth of a second', async () => {
    const start = performance.now();
    // The event loop is blocked from 10 ms to 160 ms: a timer that was due at 100 ms is 60 ms late.
    const heard = await heardUntil((all) => all.some(({ late }) => late > 40));
    const last = heard.at(-1);
    expect(last?.late).toBeGreaterThan(40);
    // On a loaded machine the delay may be longer, but never longer than the time that passed.
    expect(last?.late).toBeLessThanOrEqual((last?.at ?? 0) - start);
  });

  it('hears each hold-up once: none of what it hears lies within what it heard before', async () => {
    const heard = await heardUntil((all) => all.length >= 5 && all.some(({ late }) => late > 40));
    for (const [index, { at, late }] of heard.entries()) {
      const before = heard[index - 1];
      // When it was heard is taken a moment after what was measured: hence the millisecond.
      if (before) expect(at - late).toBeGreaterThan(before.at - 1);
    }
  });

  it('hears nothing more once it is closed', async () => {
    let heard = 0;
    watch = new LagWatch(() => {
      heard += 1;
    });
    watch.close();
    watch.close();
    busy(150);
    // Another watch that was begun later hears of it, so this one would have.
    const other = await new Promise<LagWatch>((resolve) => {
      const later = new LagWatch(() => resolve(later));
    });
    other.close();
    expect(heard).toBe(0);
  });

  it('keeps no process alive', () => {
    const before = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    watch = new LagWatch(() => {});
    const after = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    expect(after).toBe(before);
  });
});
