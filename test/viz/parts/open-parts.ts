import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import react from '@vitejs/plugin-react';
import type { Page } from 'playwright-core';
import { build } from 'vite';
import { builtOnce } from '../../support/built-once.js';
import { openBrowser, pageTimeout } from '../../support/shared-browser.js';

const types: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
};

export interface Parts {
  /** A new, empty page. */
  page(size?: { width: number; height: number }, theme?: 'light' | 'dark'): Promise<Page>;
  /** Errors and console messages of all pages so far. */
  readonly complaints: string[];
  close(): Promise<void>;
}

/** The production build: vitest's own NODE_ENV would build React with its checks, which take most of the time. */
const buildParts = builtOnce(async (folder) => {
  const { NODE_ENV } = process.env;
  process.env.NODE_ENV = 'production';
  try {
    await build({
      root: 'test/viz/parts',
      configFile: false,
      logLevel: 'warn',
      plugins: [react()],
      build: { outDir: folder, emptyOutDir: true },
    });
  } finally {
    process.env.NODE_ENV = NODE_ENV;
  }
});

/** Builds the page of parts, serves it on 127.0.0.1 and opens the real browser. */
export async function openParts(): Promise<Parts> {
  const [browser, folder] = await Promise.all([openBrowser(), buildParts()]);
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const file = join(folder, normalize(pathname === '/' ? '/index.html' : pathname));
    const content = await readFile(file).catch(() => null);
    const type = types[extname(file)] ?? 'text/plain';
    response.writeHead(content ? 200 : 404, { 'content-type': type });
    response.end(content);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const complaints: string[] = [];
  return {
    complaints,
    async page(size = { width: 1280, height: 720 }, theme = 'light') {
      const page = await browser.newPage({ viewport: size, colorScheme: theme });
      page.setDefaultTimeout(pageTimeout);
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('console', (message) => {
        if (message.type() === 'error') complaints.push(message.text());
      });
      await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
      return page;
    },
    async close() {
      await browser.close();
      server.close();
    },
  };
}
