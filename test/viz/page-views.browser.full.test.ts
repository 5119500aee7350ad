import { expect, test } from 'vitest';
import { chartFaults, layoutFaults } from './layout-faults.js';
import { openVisitedGate, views } from './page-views.js';
import { axeFaults } from './parts/axe.js';
import { watchingBrowser } from './watched-gate.js';

const browser = watchingBrowser();

/** Pixels: the smallest text on the screen. On a phone a part of the chart is shown; elsewhere all of it, with its small counts. */
const smallestText = (width: number) => (width < 400 ? 9 : 6);
/** Pixels: WCAG 2.2, target size (minimum). */
const smallestTarget = 24;

test.each([
  { width: 390, height: 844, themes: ['light', 'dark'] },
  { width: 768, height: 1024, themes: [] },
  { width: 1280, height: 800, themes: ['light', 'dark'] },
  { width: 2560, height: 1440, themes: [] },
] as const)(
  'At $width x $height every view can be read and operated: nothing scrolls sideways, no control is out of reach, axe finds nothing ($themes)',
  async ({ width, height, themes }) => {
    await using gate = await openVisitedGate();
    const isTouched = width < 820;
    const page = await browser.open(gate.url, {
      viewport: { width, height },
      hasTouch: isTouched,
      isMobile: isTouched,
      reducedMotion: 'reduce',
    });
    const rules = { text: smallestText(width), target: isTouched ? smallestTarget : 16 };
    const faults: string[] = [];
    for (const [name, go] of Object.entries(views)) {
      await go(page, gate);
      const found = await layoutFaults(page, rules);
      // The list covers the chart.
      if (name !== 'the list') found.push(...(await chartFaults(page)));
      for (const colorScheme of themes) {
        await page.emulateMedia({ colorScheme });
        found.push(...(await axeFaults(page)).map((fault) => `${colorScheme}: ${fault}`));
      }
      faults.push(...found.map((fault) => `${name}: ${fault}`));
    }
    expect(faults).toEqual([]);
  },
  180_000,
);
