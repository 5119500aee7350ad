/** A page without a bundler that uses the built element, served from this folder, in a real browser. */
import { readFile } from 'node:fs/promises';
import { join, normalize } from 'node:path';
import type { BrowserContextOptions, Page } from 'playwright-core';
import type { StatechartElement } from '../../adapters/element/index.js';
import { openBrowser, pageTimeout } from '../support/shared-browser.js';

const origin = 'http://element.test';
const imports = {
  'ixgate/element': '/dist/adapters/element/index.js',
  '#statechart-view': '/dist/viz/view/view.js',
  xstate: '/node_modules/xstate/dist/xstate.esm.js',
};

/** The strictest policy that the page itself allows; styles of the page come from a file. */
const policy =
  "default-src 'none'; script-src 'self' 'nonce-page'; style-src 'self'; img-src data:";

/** Styles that would break the chart if they reached it. */
const rude = `
  * { color: rgb(255, 0, 0); font-size: 40px !important; text-transform: uppercase; letter-spacing: 9px }
  .chart-box, .chart-line { fill: rgb(255, 0, 0) !important }
  body { margin: 0; line-height: 4; text-align: right }
  ixgate-statechart { width: 600px; height: 400px }`;

declare global {
  interface Window {
    /** Calls of the layout engine so far. */
    layouts: number;
    readonly createMachine: typeof import('xstate').createMachine;
    readonly createActor: typeof import('xstate').createActor;
    readonly define: () => Promise<typeof import('../../adapters/element/index.js')>;
  }
}

const script = `
  import { createActor, createMachine } from 'xstate';
  import * as engine from '/dist/viz/view/elk.bundled.js';
  window.layouts = 0;
  const { prototype } = Object.values(engine).find((value) => value?.prototype?.layout);
  const { layout } = prototype;
  prototype.layout = function (...values) {
    window.layouts += 1;
    return layout.apply(this, values);
  };
  Object.assign(window, { createActor, createMachine, define: () => import('ixgate/element') });
  window.isReady = true;`;

const html = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>A page</title><link rel="stylesheet" href="/rude.css">
<link rel="icon" href="data:,">
<script type="importmap" nonce="page">${JSON.stringify({ imports })}</script>
<script type="module" nonce="page">${script}</script></head>
<body><h1>A page</h1></body></html>`;

export interface PlainSite {
  open(options?: BrowserContextOptions): Promise<Page>;
  /** Errors of all pages, also requests to other hosts. */
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

export async function openPlainSite(): Promise<PlainSite> {
  const complaints: string[] = [];
  const browser = await openBrowser();
  return {
    complaints,
    async open(options = {}) {
      const context = await browser.newContext({
        viewport: { width: 800, height: 600 },
        ...options,
      });
      await context.route('**/*', async (route) => {
        const url = new URL(route.request().url());
        if (url.origin !== origin) {
          complaints.push(`request to ${url.origin}`);
          return route.abort();
        }
        if (url.pathname === '/') {
          const headers = { 'content-security-policy': policy };
          return route.fulfill({ body: html, contentType: 'text/html', headers });
        }
        if (url.pathname === '/rude.css')
          return route.fulfill({ body: rude, contentType: 'text/css' });
        const body = await readFile(join('.', normalize(url.pathname))).catch(() => null);
        if (body === null) return route.fulfill({ status: 404 });
        return route.fulfill({ body, contentType: 'text/javascript' });
      });
      const page = await context.newPage();
      page.setDefaultTimeout(pageTimeout);
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('console', (message) => {
        if (message.type() === 'error') complaints.push(message.text());
      });
      await page.goto(origin);
      await page.waitForFunction('window.isReady');
      return page;
    },
    close: () => browser.close(),
  };
}

/** Adds elements with the same machine to the page, and an actor of it: `window.light` changes with NEXT. */
export async function addLights(page: Page, count: number): Promise<void> {
  await page.evaluate(async (wanted) => {
    await window.define();
    const machine = window.createMachine({
      id: 'light',
      initial: 'green',
      states: {
        green: { on: { NEXT: 'yellow' } },
        yellow: { on: { NEXT: 'red' } },
        red: { after: { 60000: 'green' }, description: 'Stop' },
      },
    });
    const actor = window.createActor(machine).start();
    Object.assign(window, { light: actor });
    for (let index = 0; index < wanted; index += 1) {
      const element = document.createElement('ixgate-statechart') as StatechartElement;
      element.machine = machine;
      element.snapshot = actor.getSnapshot();
      actor.subscribe((snapshot) => {
        element.snapshot = snapshot;
      });
      document.body.append(element);
    }
  }, count);
}
