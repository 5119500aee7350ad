import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { writeCoverage } from '../../adapters/coverage/index.js';
import { openPageServer, readShownFile } from '../../adapters/web/index.js';
import { Coverage, coverageText, recordingText } from '../../machines/index.js';
import { played } from '../coverage/played.js';
import { temporaryFolder } from '../support/folder.js';
import { axeFaults } from './parts/axe.js';
import { watchingBrowser } from './watched-gate.js';

const browser = watchingBrowser();

/** The server saw 2c twice, the client saw 1. */
const coverage = new Coverage();
for (const step of [...played('2c'), ...played('2c'), ...played('1', { seat: 'client' })])
  coverage.add(step);

async function choose(page: Page, name: string, text: string): Promise<void> {
  const choosing = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Open recording' }).click();
  await (await choosing).setFiles({
    name,
    mimeType: 'application/json',
    buffer: Buffer.from(text),
  });
}

/** How an edge is drawn: its count and the style of its line. */
async function drawn(page: Page, edge: string): Promise<[count: string | null, dashes: string]> {
  const count = page.locator(`[data-badges="${edge}"] .chart-count`);
  const line = page.locator(`[data-line="${edge}"] .chart-line`);
  return [
    await count.textContent(),
    await line.evaluate((path) => getComputedStyle(path).strokeDasharray),
  ];
}

const never = ['0', '4px, 3px'];

test.each(['light', 'dark'] as const)(
  'An opened coverage is drawn on the chart, seat by seat, with a list of the uncovered parts (%s)',
  async (colorScheme) => {
    await using site = await openPageServer();
    const page = await browser.open(site.url, { colorScheme });
    expect(await page.getByRole('button', { name: 'Coverage', exact: true }).count()).toBe(0);
    await choose(page, 'today.json', coverageText(coverage));
    await page.getByRole('heading', { name: 'Coverage of today.json' }).waitFor();
    expect(await page.title()).toBe('Coverage of today.json - ixgate');
    expect(await page.getByLabel('Legend').innerText()).toMatch(
      /7 of 9 states\s+8 of 17 steps\s+8 of 8 documented\s+6 of 82 pairs of steps/,
    );
    expect(await drawn(page, 'connecting:Connected')).toEqual(['3', 'none']);
    expect(await drawn(page, 'registered:OtherMessage')).toEqual(never);
    const registered = page.locator('[data-state="registration.connected.registered"]');
    expect(await registered.locator('title').textContent()).toMatch(/^registered, visited once: /);
    expect(await axeFaults(page)).toEqual([]);

    // The uncovered parts are marked on the chart.
    await page.getByRole('button', { name: 'registered:OtherMessage' }).first().click();
    const label = page.locator('[data-edge="registered:OtherMessage"]');
    expect(await label.getAttribute('aria-pressed')).toBe('true');
    expect(await label.getAttribute('aria-label')).toContain('never taken');
    await page.getByText('registered:OtherMessage: server 0, client 0').waitFor();

    await page.getByRole('button', { name: 'server', exact: true }).click();
    await page.getByRole('heading', { name: 'Coverage of today.json, server seat' }).waitFor();
    expect(await drawn(page, 'connecting:Connected')).toEqual(['2', 'none']);
    expect(await drawn(page, 'validating:EventAck')).toEqual(never);
    expect(await registered.getAttribute('class')).toContain('uncovered');
    expect(page.url()).toContain('coverage=today.json&seat=server');
    await page.getByText('Pairs of steps never taken').click();
    await page.getByText('Unexpected events never seen').click();
    expect(await axeFaults(page)).toEqual([]);

    await page.getByRole('button', { name: 'Sessions', exact: true }).click();
    await page.getByText('No sessions yet').waitFor();
    await page.goBack();
    await page.getByRole('heading', { name: 'Coverage of today.json, server seat' }).waitFor();
    await page.getByRole('button', { name: 'Close today.json' }).click();
    await page.getByText('No sessions yet').waitFor();
    expect(await page.getByRole('button', { name: 'Coverage', exact: true }).count()).toBe(0);
  },
  60_000,
);

test('A link leads to a coverage among the files of ixgate viz, and the page reports a missing one', async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, 'today.json');
  const recording = join(folder.path, 'monday.jsonl');
  await writeCoverage(path, coverage);
  await writeFile(recording, recordingText(played('1')));
  const recordings = [await readShownFile(path), await readShownFile(recording)];
  await using site = await openPageServer({ recordings });
  const index = await fetch(`${site.url}/recordings.json`).then((answer) => answer.json());
  expect(index.recordings[0]).toEqual({
    name: 'today.json',
    path: '/recordings/1',
    steps: 15,
    sessions: 3,
  });
  // The recording is opened after the coverage; the link has priority.
  const page = await browser.open(`${site.url}/#tab=coverage&coverage=today.json&seat=client`);
  await page.getByRole('heading', { name: 'Coverage of today.json, client seat' }).waitFor();
  await page.getByRole('button', { name: 'Sessions', exact: true }).click();
  await page.getByRole('button', { name: 'monday.jsonl 1' }).waitFor();

  const other = await browser.open(`${site.url}/#tab=coverage&coverage=gone.json`);
  await other.getByText('The coverage gone.json is not open').waitFor();
  await choose(other, 'torn.json', coverageText(coverage).slice(0, -20));
  await other.getByText('torn.json is cut off or was edited').waitFor();
  await choose(other, 'gone.json', coverageText(coverage));
  await other.getByRole('heading', { name: 'Coverage of gone.json' }).waitFor();
});
