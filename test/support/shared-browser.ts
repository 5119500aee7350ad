import { type Browser, chromium } from 'playwright-core';
import { inject } from 'vitest';
import { launchBrowser } from './browser.js';

/** Milliseconds that a page may take for what a test waits for: a browser renders without a graphics card, beside other tests. */
export const pageTimeout = 60_000;

/**
 * The browser that the test run has started, for files named `x.browser.test.ts`; another one for other files. `close` ends the connection
 * and its contexts, or that other browser.
 */
export async function openBrowser(): Promise<Browser> {
  const endpoint = inject('browserEndpoint') as string | undefined;
  return endpoint === undefined ? launchBrowser() : chromium.connect(endpoint);
}
