/** A gate with its page, as in `ixgate serve`, and real browser pages that watch it. */
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { type AdminPort, openAdminPort } from '../../adapters/admin/admin-port.js';
import { type FeedOptions, SessionFeed } from '../../adapters/feed/index.js';
import { createServer, type GateServer, type ServerOptions } from '../../adapters/server/index.js';
import { xstateHandler } from '../../adapters/xstate-inspector/index.js';
import { defaultDelays } from '../../machines/index.js';
import { type LineClient, lineClient } from '../support/line-client.js';
import { openBrowser, pageTimeout } from '../support/shared-browser.js';

export interface WatchedGate extends AsyncDisposable {
  readonly server: GateServer;
  readonly admin: AdminPort;
  readonly feed: SessionFeed;
  /** The address of its page. */
  readonly url: string;
  client(): Promise<LineClient>;
  close(): Promise<void>;
}

/** Clients whose names begin with `desk` are valid. */
export async function openWatchedGate(
  options: ServerOptions & {
    adminPort?: number;
    limits?: FeedOptions['limits'];
    token?: string;
    publicUrl?: string;
    trustProxy?: readonly string[];
    /** Whether it also has `/xstate`. */
    xstate?: boolean;
  } = {},
): Promise<WatchedGate> {
  const { adminPort = 0, limits, token, publicUrl, trustProxy, xstate = false, ...given } = options;
  const server = await createServer({
    listen: ['tcp://127.0.0.1:0', 'ws://127.0.0.1:0'],
    validator: ({ clientName }) =>
      clientName.startsWith('desk') || { valid: false, reason: 'unknown name' },
    onMessage: ({ reply }) => void reply.ack(),
    // On a busy machine the gate would reject clients of the test.
    maxLag: 60_000,
    ...given,
  });
  const delays = {
    registrationTimeout: given.registrationTimeout ?? defaultDelays.registrationTimeout,
    rejectionTimeout: given.rejectionTimeout ?? defaultDelays.rejectionTimeout,
  };
  const feed = new SessionFeed(server, { gate: 'ixgate test', delays, limits });
  const admin = await openAdminPort(server, {
    listen: `http://127.0.0.1:${adminPort}`,
    upgrades: { '/feed': feed, ...(xstate && { '/xstate': xstateHandler(server) }) },
    token,
    publicUrl,
    trustProxy,
  });
  const close = async () => {
    await server.close();
    await admin.close();
  };
  return {
    server,
    admin,
    feed,
    url: `${admin.url}/`,
    client: () => lineClient(server.endpoints[0]?.port ?? 0),
    close,
    [Symbol.asyncDispose]: close,
  };
}

export interface WatchingBrowser {
  /**
   * Opens a page in a separate browser context, closed after the test, or after all tests with `kept`. With `refused` the page may
   * log errors about its rejection.
   */
  open(
    url: string,
    options?: BrowserContextOptions & { kept?: boolean; refused?: boolean },
  ): Promise<Page>;
}

const ours = /^(https?|wss?):\/\/127\.0\.0\.1(:|\/)|^(blob|data|file):/;
/** Messages of the browser itself about a lost gate. */
const gone = /ERR_CONNECTION_REFUSED/;

/**
 * One browser for a test file; call once at the top. A test fails when one of its pages logs an error, throws, or
 * sends a request to another machine, which is blocked.
 */
export function watchingBrowser(): WatchingBrowser {
  let browser: Browser;
  const contexts: BrowserContext[] = [];
  const complaints: string[] = [];
  const foreign: string[] = [];
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterEach(async () => {
    await Promise.all(contexts.splice(0).map((context) => context.close()));
    expect(complaints.splice(0)).toEqual([]);
    expect(foreign.splice(0)).toEqual([]);
  });
  afterAll(() => browser?.close());
  return {
    async open(url, { kept = false, refused = false, ...options } = {}) {
      const context = await browser.newContext({
        viewport: { width: 1280, height: 720 },
        ...options,
      });
      if (!kept) contexts.push(context);
      const page = await context.newPage();
      page.setDefaultTimeout(pageTimeout);
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('console', (message) => {
        const text = message.text();
        if (message.type() === 'error' && !gone.test(text) && !refused) complaints.push(text);
      });
      page.on('websocket', (socket) => {
        if (!ours.test(socket.url())) foreign.push(socket.url());
      });
      await page.route('**/*', (route) => {
        const asked = route.request().url();
        if (ours.test(asked)) return route.continue();
        foreign.push(asked);
        return route.abort();
      });
      await page.goto(url);
      return page;
    },
  };
}

/** The heading with the verdict of the session. */
export const verdictOf = (page: Page) => page.locator('.verdict');
