/** A page with only the chart, built like the real page, in a real browser. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import react from '@vitejs/plugin-react';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { build } from 'vite';
import { chartLayoutPlugin } from '../../viz/layout/plugin.js';
import { builtOnce } from '../support/built-once.js';
import { openBrowser, pageTimeout } from '../support/shared-browser.js';

export interface ChartSite {
  /** A new, empty page. Its requests to other hosts fail. */
  open(options?: BrowserContextOptions): Promise<Page>;
  /** Errors and console messages of all pages so far. */
  readonly complaints: readonly string[];
  /** The files of the page as text. */
  scripts(): Promise<string>;
  close(): Promise<void>;
}

const origin = 'http://chart.test';

const buildPage = builtOnce((folder) =>
  build({
    root: 'test/viz/chart-page',
    configFile: false,
    logLevel: 'warn',
    plugins: [react(), chartLayoutPlugin()],
    build: {
      outDir: folder,
      emptyOutDir: true,
      rolldownOptions: { checks: { pluginTimings: false } },
    },
  }),
);

export async function buildChartSite(): Promise<ChartSite> {
  const complaints: string[] = [];
  const [browser, folder] = await Promise.all([openBrowser(), buildPage()]);
  const assets = join(folder, 'assets');
  return {
    complaints,
    async open(options = {}) {
      const context = await browser.newContext({
        viewport: { width: 640, height: 560 },
        ...options,
      });
      await context.route('**/*', async (route) => {
        const { origin: asked, pathname } = new URL(route.request().url());
        if (asked !== origin) return route.abort();
        return route.fulfill({ path: join(folder, pathname === '/' ? 'index.html' : pathname) });
      });
      const page = await context.newPage();
      page.setDefaultTimeout(pageTimeout);
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('console', (message) => {
        if (message.type() === 'error') complaints.push(message.text());
      });
      await page.goto(origin);
      await page.waitForFunction('window.chartPage');
      return page;
    },
    async scripts() {
      const files = (await readdir(assets)).filter((file) => file.endsWith('.js'));
      return (await Promise.all(files.map((file) => readFile(join(assets, file), 'utf8')))).join(
        '',
      );
    },
    async close() {
      await browser.close();
    },
  };
}

/** `ChartProps` as JSON. */
export interface ChartInput {
  readonly configuration?: string | null;
  readonly taken?: { readonly edges: readonly string[]; readonly seq: number } | null;
  readonly counts?: Readonly<Record<string, number>>;
  readonly selected?: readonly string[];
  readonly deadline?: {
    readonly kind: 'registration' | 'rejection';
    readonly left: number;
    readonly total: number;
    readonly running: boolean;
  } | null;
  readonly path?: readonly string[] | null;
}

/** The interface of the page for tests. */
export interface ChartPage {
  readonly selectedByUser: readonly string[];
  show(props: ChartInput): void;
  svg(props: ChartInput, dark?: boolean): string;
  showForeign(layout: unknown, active: readonly string[]): void;
  foreignSvg(layout: unknown, active: readonly string[]): string;
}

declare global {
  interface Window {
    readonly chartPage: ChartPage;
  }
}

/** Actions of tests on the open page. */
export function chartTools(page: () => Page) {
  const show = (props: ChartInput) =>
    page().evaluate((shown) => window.chartPage.show(shown), props);
  const selectedByUser = () => page().evaluate(() => [...window.chartPage.selectedByUser]);
  const label = (edge: string) => page().locator(`[data-edge="${edge}"]`);
  const badges = (edge: string) => page().locator(`[data-badges="${edge}"]`);
  const line = (edge: string) => page().locator(`[data-line="${edge}"] .chart-line`);

  /** A computed style, of the first element that matches. */
  const style = (selector: string, property: string) =>
    page()
      .locator(selector)
      .first()
      .evaluate((element, name) => getComputedStyle(element).getPropertyValue(name), property);

  /** A colour of the theme as the browser computes it. */
  const colour = (name: string) =>
    page().evaluate((property) => {
      const probe = document.body.appendChild(document.createElement('i'));
      probe.style.color = `var(${property})`;
      const { color } = getComputedStyle(probe);
      probe.remove();
      return color;
    }, name);

  /** Middle of an element in the pane, in CSS pixels. */
  const middleOf = async (selector: string) => {
    const box = await page().locator(selector).first().boundingBox();
    if (!box) throw new Error(`${selector} is not drawn`);
    return { x: box.x + box.width / 2, y: box.y + box.height / 2, width: box.width };
  };
  return { show, selectedByUser, label, badges, line, style, colour, middleOf };
}
