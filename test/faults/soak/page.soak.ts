/** Like test/viz/page-truth.full.test.ts, for longer: `npm run soak -- page`, and `IXGATE_SEED=...` for the same events again. */
import { expect, it } from 'vitest';
import { launchBrowser } from '../../support/browser.js';
import { playEvents, seedOfEvents } from '../../viz/truth/play-events.js';

const seed = seedOfEvents();
const events = 120;

it(`the page agrees with /sessions and the recording after ${events} random events (IXGATE_SEED=${seed})`, async () => {
  const browser = await launchBrowser();
  try {
    const played = await playEvents(browser, seed, events);
    expect(played).toHaveLength(events);
    console.info(played.join('\n'));
  } finally {
    await browser.close();
  }
});
