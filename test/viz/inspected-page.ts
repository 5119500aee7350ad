/** The page of the inspector in a browser, with apps on real sockets. */

import { once } from 'node:events';
import type { Browser, Page } from 'playwright-core';
import { WebSocket } from 'ws';
import { type ActorOptions, type AnyActorLogic, createActor } from 'xstate';
import type { InspectorServer } from '../../adapters/inspector/index.js';
import { anInspector } from '../inspector/apps.js';
import { form } from '../inspector/machines.js';
import { pageTimeout } from '../support/shared-browser.js';

export interface InspectedPage extends AsyncDisposable {
  readonly server: InspectorServer;
  readonly page: Page;
  /** What the page asked other hosts for. */
  readonly foreign: readonly string[];
  /** Exceptions of the page. */
  readonly problems: readonly string[];
}

/** @param path of the page */
export async function inspectedPage(browser: Browser, path = '/inspector'): Promise<InspectedPage> {
  const server = await anInspector();
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  page.setDefaultTimeout(pageTimeout);
  const foreign: string[] = [];
  const problems: string[] = [];
  const { host } = new URL(server.url);
  const asked = (url: string) => {
    if (!url.startsWith('blob:') && new URL(url).host !== host) foreign.push(url);
  };
  page.on('request', (request) => asked(request.url()));
  page.on('websocket', (socket) => asked(socket.url()));
  page.on('pageerror', ({ message }) => problems.push(message));
  await page.goto(`${server.url}${path}`);
  return {
    server,
    page,
    foreign,
    problems,
    async [Symbol.asyncDispose]() {
      await context.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** An app as StrictMode makes it: the first of two equal actors never starts. */
export function strictForm(inspect: ActorOptions<AnyActorLogic>['inspect']) {
  createActor(form, { inspect: inspect as never });
  return createActor(form, { inspect: inspect as never }).start();
}

/** A connection that sends any messages. */
export async function rawApp(url: string) {
  const socket = new WebSocket(url);
  await once(socket, 'open');
  return {
    send: (...messages: readonly object[]) => {
      for (const message of messages) socket.send(JSON.stringify(message));
    },
    async close() {
      socket.close();
      await once(socket, 'close');
    },
  };
}

/** The names of actors in the tree, with their states. */
export function treeOf(page: Page): Promise<string[]> {
  return page
    .locator('.inspector-actor')
    .evaluateAll((rows) =>
      rows
        .sort((one, other) => one.getBoundingClientRect().y - other.getBoundingClientRect().y)
        .map((row) =>
          [...row.querySelectorAll('.inspector-name, .inspector-state, .inspector-unused')]
            .map((part) => part.textContent)
            .join(' '),
        ),
    );
}

/** The visible rows of the ladder, as screen readers have them. */
export function ladderOf(page: Page): Promise<string[]> {
  return page
    .locator('.ladder-line')
    .evaluateAll((rows) =>
      rows
        .sort((one, other) => one.getBoundingClientRect().y - other.getBoundingClientRect().y)
        .map((row) => (row.querySelector('.visually-hidden') ?? row).textContent ?? ''),
    );
}

/** Ids of the active states of the chart. */
export function activeOf(page: Page): Promise<(string | null)[]> {
  return page
    .locator('[data-state][data-active="true"]')
    .evaluateAll((boxes) => boxes.map((box) => box.getAttribute('data-state')));
}
