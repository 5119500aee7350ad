import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser } from '../support/browser.js';
import { playEvents, seedOfEvents } from './truth/play-events.js';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());

describe('The page compared with its gate', () => {
  const seed = seedOfEvents();
  it(`agrees with /sessions and the recording after 12 random events (IXGATE_SEED=${seed})`, async () => {
    expect(await playEvents(browser, seed, 12)).toHaveLength(12);
  }, 240_000);
});
