/** Mermaid itself, in a browser, draws what is written for it. */
import { createRequire } from 'node:module';
import type { Mermaid } from 'mermaid';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mermaidChart } from '../../../machines/entry/model.js';
import { chartToMermaid } from '../../../machines/index.js';
import { openBrowser } from '../../support/shared-browser.js';
import { corpus } from '../table/corpus.js';
import { everything } from './chart-with-everything.js';

declare const mermaid: Mermaid;

let browser: Browser;
let page: Page;
beforeAll(async () => {
  browser = await openBrowser();
  page = await browser.newPage();
  await page.addScriptTag({
    path: createRequire(import.meta.url).resolve('mermaid/dist/mermaid.min.js'),
  });
  await page.evaluate(() => mermaid.initialize({ startOnLoad: false }));
});
afterAll(() => browser.close());

const texts = [
  ...Object.entries(corpus).map(([name, { machine }]) => [name, mermaidChart(machine)] as const),
  ['everything', mermaidChart(everything)] as const,
  ['registration', chartToMermaid()] as const,
];

describe('Mermaid', () => {
  it.each(texts)(
    'draws %s: each state, and each arrow between different states',
    async (_, text) => {
      const { labels, arrows } = await page.evaluate(async (diagram) => {
        const { svg } = await mermaid.render('diagram', diagram);
        const drawn = new DOMParser().parseFromString(svg, 'text/html');
        return {
          labels: drawn.body.textContent ?? '',
          arrows: [...drawn.querySelectorAll('path.transition')].length,
        };
      }, text);
      for (const [, name = ''] of text.matchAll(/state "([^"#]+)" as/g))
        expect(labels).toContain(name);
      expect(arrows).toBeGreaterThanOrEqual(text.split(' --> ').length - 1);
    },
  );
});
