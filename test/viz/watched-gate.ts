/** A gate with its page, as `ixgate serve` has them, and real browser pages that look at it. */
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { type Admin, createAdmin } from '../../adapters/admin/index.js';
import { type FeedOptions, SessionFeed } from '../../adapters/feed/index.js';
import { createServer, type GateServer, type ServerOptions } from '../../adapters/server/index.js';
import { xstateHandler } from '../../adapters/xstate-inspector/index.js';
import { defaultDelays } from '../../machines/index.js';
import { launchBrowser } from '../support/browser.js';
import { type LineClient, lineClient } from '../support/line-client.js';

export interface WatchedGate extends AsyncDisposable {
  readonly server: GateServer;
  readonly admin: Admin;
  readonly feed: SessionFeed;
  /** Where its page is. */
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
    /** Whether it has `/xstate` as well. */
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
  const admin = await createAdmin(server, {
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
   * Opens a page with a context of its own, closed after the test, or after all with `kept`. One that will be `refused` may
   * complain of that.
   */
  open(
    url: string,
    options?: BrowserContextOptions & { kept?: boolean; refused?: boolean },
  ): Promise<Page>;
}

const ours = /^(https?|wss?):\/\/127\.0\.0\.1(:|\/)|^(blob|data|file):/;
/** What the browser itself writes when a gate has gone. */
const gone = /ERR_CONNECTION_REFUSED/;

/**
 * One browser for a test file; call once at the top. A test fails when a page of its own complains on its console, throws, or
 * asks anything of another machine, which is blocked.
 */
export function watchingBrowser(): WatchingBrowser {
  let browser: Browser;
  const contexts: BrowserContext[] = [];
  const complaints: string[] = [];
  const foreign: string[] = [];
  beforeAll(async () => {
    browser = await launchBrowser();
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

/** The heading that says what became of the session. */
export const verdictOf = (page: Page) => page.locator('.verdict');
