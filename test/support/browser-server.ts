/** The browser that all test files share: each opens its contexts in it. See `openBrowser`. */
import { chromium } from 'playwright-core';
import type { TestProject } from 'vitest/node';
import { browserOptions } from './browser.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where the shared browser takes connections. */
    browserEndpoint: string;
  }
}

export default async function serveBrowser(project: TestProject): Promise<() => Promise<void>> {
  const server = await chromium.launchServer(await browserOptions());
  project.provide('browserEndpoint', server.wsEndpoint());
  return () => server.close();
}
