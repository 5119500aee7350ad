import { text as textOf } from 'node:stream/consumers';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { openPageServer } from '../../adapters/web/index.js';
import { findFigure, playFigureOnChart, recordingText } from '../../machines/index.js';
import { registerRequest } from '../support/line-client.js';
import { openFile } from './page-views.js';
import { openWatchedGate, verdictOf, watchingBrowser } from './watched-gate.js';

const browser = watchingBrowser();

/** Client names, and how the page shows them. */
const names = [
  ['desk\u202egpj.exe', 'desk\\u{202e}gpj.exe'],
  ['\u2067desk\u2069', '\\u{2067}desk\\u{2069}'],
  ['', '(no name)'],
  ['   ', '(3 spaces)'],
  ['\u3164', '\\u{3164}'],
  [' desk-1', '" desk-1"'],
  ['desk\u00a01', '"desk\u00a01"'],
  ['שלום-1', 'שלום-1'],
  ['n'.repeat(255), 'n'.repeat(255)],
  ['\u202e'.repeat(255), '\\u{202e}'.repeat(255)],
] as const;

const clientType = 'Agent\u202enoitacilppA';

/** Each session id has the same characters as the name. */
const recording = recordingText(
  names.flatMap(([clientName], index) =>
    playFigureOnChart(findFigure('2a')).steps.map((step) => ({
      ...step,
      session: `${index}/../\u202e${clientName}`,
      payload:
        step.name === 'RequestRegisterClient'
          ? { messageName: step.name, referenceId: 1, clientName, clientType }
          : step.payload,
    })),
  ),
);

/** Invisible characters in texts, titles, labels and the document's title; each with its location. */
const hiddenCharacters = (page: Page) =>
  page.evaluate(() => {
    const hidden = /[\u202a-\u202e\u2066-\u2069\u3164]/;
    const found: string[] = hidden.test(document.title) ? ['the title of the document'] : [];
    for (const element of document.querySelectorAll('body *')) {
      const own = [...element.childNodes].filter(({ nodeType }) => nodeType === Node.TEXT_NODE);
      const shown = [
        ...own.map(({ textContent }) => textContent ?? ''),
        ...['title', 'aria-label', 'aria-valuetext'].map(
          (name) => element.getAttribute(name) ?? '',
        ),
      ];
      if (shown.some((text) => hidden.test(text))) found.push(element.outerHTML.slice(0, 200));
    }
    return found;
  });

test.each([
  [390, 844],
  [1280, 800],
])(
  'Invisible, bidirectional and blank names are made visible, at %d x %d: list, verdict, ladder, contents, tooltips, files',
  async (width, height) => {
    await using site = await openPageServer();
    const page = await browser.open(site.url, { viewport: { width, height } });
    await openFile(page, 'mon\u202eday.jsonl', recording);
    const list = page.locator('.open-list');
    for (const [index, [, shown]] of names.entries()) {
      if (await list.isVisible()) await list.click();
      const row = page.locator(`.session-row[data-session^="${index}/"]`);
      await row.scrollIntoViewIfNeeded();
      expect(await row.locator('.session-name').textContent()).toBe(shown);
      expect(await row.locator('.session-name').getAttribute('title')).toBe(shown);
      expect(await row.locator('.session-facts').textContent()).toContain('Agent\\u{202e}noit');
      expect(await hiddenCharacters(page)).toEqual([]);
      await row.click();
      await verdictOf(page).locator('.verdict-name').getByText(shown, { exact: true }).waitFor();
      await expect.poll(() => page.title()).toContain(shown);
      await page.locator('.ladder-step', { hasText: 'RequestRegisterClient' }).click();
      await page.locator('.ladder-contents pre').waitFor();
      expect(await hiddenCharacters(page)).toEqual([]);
      const sizes = await page.evaluate(() =>
        [document.documentElement, ...document.querySelectorAll('.page-main, .ladder-scroll')].map(
          ({ scrollWidth, clientWidth }) => scrollWidth - clientWidth,
        ),
      );
      expect(Math.max(...sizes)).toBeLessThanOrEqual(0);
    }
    expect(await page.locator('.ladder-contents pre').textContent()).toContain('\\u202e\\u202e');

    for (const item of ['Session as recording', 'Ladder as SVG', 'Ladder as Mermaid text']) {
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('menuitem', { name: item }).click(),
      ]);
      expect(download.suggestedFilename()).toMatch(/^[\w-][\w.-]{1,120}\.(jsonl|svg|mmd)$/);
      const text = await textOf(await download.createReadStream());
      // The recording has the original data.
      if (item !== 'Session as recording') expect(text).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/);
    }
  },
  120_000,
);

test('Times are local, with UTC in their title: list, details, ladder, services, a lost connection', async () => {
  const gate = await openWatchedGate({ xstate: true });
  const page = await browser.open(gate.url, { timezoneId: 'Asia/Kolkata' });
  await page.getByText('No client has connected').waitFor();
  await using client = await gate.client();
  await client.ask(registerRequest());
  await verdictOf(page).getByText('desk-1').waitFor();

  /** The local time of a moment: five and a half hours ahead of UTC. */
  const local = (utc: string) =>
    new Date(Date.parse(utc.replace(/^.*; | \(UTC\)$/g, '')) + 5.5 * 3_600_000).toISOString();
  const utcOf = async (selector: string) => {
    const title = await page.locator(selector).first().getAttribute('title');
    expect(title, selector).toMatch(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z \(UTC\)$/);
    return title ?? '';
  };
  const textOf = (selector: string) => page.locator(selector).first().textContent();

  const listed = '.session-times > span';
  expect(await textOf(listed)).toBe(local(await utcOf(listed)).slice(11, 19));
  const hour = local(new Date().toISOString()).slice(11, 13);
  expect(Math.abs(Number((await textOf(listed))?.slice(0, 2)) - Number(hour)) % 23).toBeLessThan(2);

  const ladder = await utcOf('.ladder-step .ladder-time');
  expect(ladder).toContain(local(ladder).slice(0, 23).replace('T', ' '));
  await page.locator('.ladder-step', { hasText: 'EventAck' }).click();
  const details = '.ladder-contents dd[title]';
  const shown = local(await utcOf(details)).slice(0, 23);
  expect(await textOf(details)).toBe(shown.replace('T', ' '));

  await page.getByRole('button', { name: 'More' }).click();
  await page.getByRole('menuitem', { name: 'XState 4' }).click();
  await page.getByRole('button', { name: /\/xstate$/ }).click();
  await page.locator('.foreign .chart-state').first().waitFor();
  await using other = await gate.client();
  await other.ask(registerRequest({ clientName: 'desk-2' }));
  const event = '.foreign-event .foreign-time';
  await page.locator(event).first().waitFor();
  // Both at once: the next event takes the first place of the list.
  const [time, utc] = await page
    .locator(event)
    .first()
    .evaluate((element): [string, string] => [
      element.textContent ?? '',
      element.getAttribute('title') ?? '',
    ]);
  expect(utc).toMatch(/Z \(UTC\)$/);
  expect(time).toBe(local(utc).slice(11, 23));

  await page.getByRole('button', { name: 'Back to the sessions' }).click();
  await gate.close();
  const lost = '.connection [role=alert]';
  await page.locator(lost).waitFor();
  const since = local(await utcOf(lost)).slice(11, 19);
  expect(await textOf(lost)).toContain(since);
});
