import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

const path = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

interface WithAxe {
  readonly axe?: { run(): Promise<AxeResults> };
}

/** All violations that axe finds on a page. */
export async function axeFaults(page: Page): Promise<string[]> {
  return (await violationsOf(page)).map(worded);
}

/** Serious and critical axe violations: for single parts of the page, which are not a complete document. */
export async function seriousFaults(page: Page): Promise<string[]> {
  const violations = await violationsOf(page);
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(worded);
}

interface Violation extends Pick<AxeResults['violations'][number], 'id'> {
  readonly impact: string | null | undefined;
  readonly faults: readonly string[];
}

async function violationsOf(page: Page): Promise<Violation[]> {
  // Injected like the browser's own tools: the page's policy blocks other scripts.
  const isThere = await page.evaluate(() => 'axe' in window);
  if (!isThere) await page.evaluate(await readFile(path, 'utf8'));
  return page.evaluate(async () => {
    const result = await (window as unknown as WithAxe).axe?.run();
    return (result?.violations ?? []).map(({ id, impact, nodes }) => ({
      id,
      impact,
      faults: nodes.map(({ html, failureSummary }) => `${html}\n${failureSummary}`),
    }));
  });
}

const worded = ({ id, faults }: Violation): string => `${id}: ${faults.join('\n')}`;
