import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { learnedText } from '../../adapters/tester/learning/learned-files.js';
import { openPageServer, readShownFile } from '../../adapters/web/index.js';
import { temporaryFolder } from '../support/folder.js';
import { rightServer, wrongServer } from './learned-machine.js';
import { openFile } from './page-views.js';
import { axeFaults } from './parts/axe.js';
import { watchingBrowser } from './watched-gate.js';

const browser = watchingBrowser();

/** How an edge is drawn: its colour in relation to others, its dashes, its width, and the mark of its clock. */
async function drawn(page: Page, edge: string) {
  const line = page.locator(`[data-line="${edge}"] .chart-line`);
  const [dashes, width, isRed] = await line.evaluate((path) => {
    const { strokeDasharray, strokeWidth, stroke } = getComputedStyle(path);
    const [red = 0, green = 0, blue = 0] = (stroke.match(/\d+/g) ?? []).map(Number);
    return [strokeDasharray, strokeWidth, red > 2 * green && red > 2 * blue] as const;
  });
  const mark = page.locator(`[data-edge="${edge}"] .chart-mark`);
  return {
    dashes,
    width,
    isRed,
    mark: (await mark.count()) === 0 ? null : await mark.textContent(),
  };
}

/** The texts of a ladder: inputs, outputs and notes. */
const ladder = (page: Page, side: 'Expected' | 'Observed') =>
  page
    .getByLabel(`${side} session`)
    .locator('.ladder-arrow-label, .ladder-arrow-below, .ladder-note')
    .allTextContents();

/** Drops a file on the page, as a user does. */
async function drop(page: Page, name: string, text: string): Promise<void> {
  await page.evaluate(
    ([file, content]) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([content], file, { type: 'application/json' }));
      for (const type of ['dragenter', 'drop'])
        window.dispatchEvent(new DragEvent(type, { dataTransfer, cancelable: true }));
    },
    [name, text] as const,
  );
}

test('A dropped machine is drawn over its figure: missing edges dashed, different ones red, with clocks; each shows its session', async () => {
  await using folder = await temporaryFolder();
  await using site = await openPageServer();
  const page = await browser.open(site.url, {
    colorScheme: 'light',
    viewport: { width: 1440, height: 900 },
  });
  await drop(page, 'learned.json', learnedText(wrongServer));
  await page.getByRole('heading', { name: 'Learned machine learned.json' }).waitFor();
  await page.getByText('2 differences from the figure').waitFor();
  await page.locator('[data-state="s0"]').waitFor();

  expect(await drawn(page, 's2 other missing')).toMatchObject({ isRed: false, mark: 'keep' });
  expect(await drawn(page, 's2 register missing')).toMatchObject({ dashes: '7px, 4px' });
  expect(await drawn(page, 's2 register different')).toEqual({
    dashes: 'none',
    width: '2.6px',
    isRed: true,
    mark: 'stop',
  });
  expect(await drawn(page, 's2 other different')).toMatchObject({ isRed: true, mark: 'start' });
  expect(await drawn(page, 's0 register agrees')).toMatchObject({ dashes: 'none', isRed: false });
  expect(await drawn(page, 's1 too-long unseen')).toMatchObject({
    dashes: '1.5px, 4px',
    isRed: false,
    mark: null,
  });
  const timeout = page.locator('[data-edge="s0 silence agrees"]');
  expect(await timeout.locator('.chart-event').textContent()).toBe('closed after 10 s');

  // An edge and its entry in the list select each other.
  await page.locator('[data-edge="s2 other different"]').click();
  const clock = page.getByRole('button', { name: /^other in awaiting\/rejection clock/ });
  await expect.poll(() => clock.getAttribute('aria-pressed')).toBe('true');
  expect(await ladder(page, 'Expected')).toEqual([
    ...['client to server: register-invalid', 'server to client: EventError', 'starts the clock'],
    ...['client to server: other', 'server to client: EventError', 'keeps the clock running'],
  ]);
  expect((await ladder(page, 'Observed')).at(-1)).toBe('starts the clock');
  expect(await axeFaults(page)).toEqual([]);

  const saving = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save as a suite' }).click();
  const saved = await saving;
  const path = join(folder.path, 'session.suite');
  await saved.saveAs(path);
  const suite = await readFile(path, 'utf8');
  expect(suite).toContain('"id":"register-invalid,wait,other,silence"');
  const name = saved.suggestedFilename();
  await page.getByText(`ixgate conform tcp://127.0.0.1:7004 --suite ${name}`).waitFor();

  await page.getByRole('button', { name: /^register in awaiting\/rejection output/ }).click();
  const label = page.locator('[data-edge="s2 register missing"]');
  await expect.poll(() => label.getAttribute('aria-pressed')).toBe('true');
  expect((await ladder(page, 'Expected')).at(-2)).toBe('server to client: EventAck');
  expect((await ladder(page, 'Observed')).at(-2)).toBe('server to client: EventError');

  // An edge of several inputs has a session for each of them.
  await page.locator('[data-edge="s0 register-invalid agrees"]').click();
  await page.getByLabel('Inputs of this edge').getByRole('button', { name: 'event-ack' }).click();
  await page.getByRole('heading', { name: 'event-ack', exact: true }).waitFor();
  await page.keyboard.press('Escape');
  await expect.poll(() => page.getByLabel('Shortest session').count()).toBe(0);
});

test('The page tells that a server equals the figure, and what is wrong with a damaged file', async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, 'right.json');
  await writeFile(path, learnedText(rightServer));
  await using site = await openPageServer({ recordings: [await readShownFile(path)] });
  const page = await browser.open(`${site.url}/#tab=learned&learned=right.json`, {
    colorScheme: 'dark',
  });
  await page.getByText('Equals the figure').waitFor();
  await page.locator('[data-edge="s0 register agrees"]').waitFor();
  expect(await page.locator('.chart-edge.missing, .chart-edge.different').count()).toBe(
    // The legend.
    2,
  );
  expect(await axeFaults(page)).toEqual([]);

  await openFile(page, 'torn.json', learnedText(wrongServer).slice(0, -60));
  await page.getByText('torn.json is cut off or was edited: invalid JSON').waitFor();
  const gone = { ...wrongServer, machine: { ...wrongServer.machine, initial: 'gone' } };
  await openFile(page, 'gone.json', learnedText(gone));
  await page.getByText('no state has the name "gone"').waitFor();

  await page.getByRole('button', { name: 'Close right.json' }).click();
  await page.getByText('No sessions yet').waitFor();
  expect(await page.getByRole('button', { name: 'Learned', exact: true }).count()).toBe(0);
  await page.goBack();
  await page.getByText('The learned machine right.json is not open').waitFor();
});
