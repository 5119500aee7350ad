import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Configuration, StepRecord } from '../../machines/index.js';
import { registerRequest } from '../support/line-client.js';
import { openWatchedGate, verdictOf, type WatchedGate, watchingBrowser } from './watched-gate.js';

const browser = watchingBrowser();
const many = 50_000;

/** The records of a session of a gate: connect, registration, and a positive or negative answer. */
function recordsOf(index: number): StepRecord[] {
  const refused = index % 5 === 0;
  const start = 1_700_000_000_000 + index * 20;
  const shared = { session: `load-${index}`, seat: 'server', reason: null } as const;
  const record = (
    seq: number,
    name: string,
    from: Configuration,
    to: Configuration,
    changes: Partial<StepRecord>,
  ): StepRecord => ({
    ...shared,
    seq,
    at: start + seq,
    elapsed: seq - 1,
    kind: 'message',
    direction: 'in',
    name,
    referenceId: seq === 1 ? null : 1,
    from,
    to,
    transition: [],
    deadline: to === 'registered' ? null : 5_000,
    payload: null,
    ...changes,
  });
  return [
    record(1, 'Connected', 'connecting', 'awaiting/registration', {
      kind: 'lifecycle',
      direction: null,
    }),
    record(2, 'RequestRegisterClient', 'awaiting/registration', 'validating/registration', {
      payload: {
        messageName: 'RequestRegisterClient',
        clientName: `desk-${index}`,
        clientType: index % 3 === 0 ? 'MediaServer' : 'AgentApplication',
      },
    }),
    refused
      ? record(3, 'EventError', 'validating/registration', 'awaiting/rejection', {
          direction: 'out',
          payload: {
            messageName: 'EventError',
            errorCode: 2,
            errorDescription: `client is not valid: licence ${index} is used up`,
          },
        })
      : record(3, 'EventAck', 'validating/registration', 'registered', { direction: 'out' }),
  ];
}

const rows = (page: Page) => page.locator('.session-row');
const status = (page: Page) => page.locator('.list-line [role=status]');

describe(`A list of ${many} sessions`, () => {
  let gate: WatchedGate;
  let page: Page;
  beforeAll(async () => {
    gate = await openWatchedGate({ limits: { sessions: many } });
    for (let index = 1; index <= many; index += 1) {
      for (const step of recordsOf(index)) gate.server.emit('step', step);
    }
    page = await browser.open(gate.url, { kept: true });
    await status(page).getByText('50,000 sessions', { exact: true }).waitFor();
  }, 120_000);
  afterAll(() => gate.close());
  // An address without parameters shows the default page.
  afterEach(() => page.evaluate(() => location.assign('#')));

  it('contains all of them and draws the visible ones', async () => {
    expect(await rows(page).count()).toBeLessThan(60);
    expect(await rows(page).first().getAttribute('aria-setsize')).toBe('50000');
    expect(await rows(page).first().textContent()).toContain('desk-50000');
  });

  it('answers each key of the filter within 100 ms', async () => {
    const find = page.getByRole('searchbox', { name: 'Find a session' });
    await find.focus();
    // The browser's own measure: from the key to the next painted frame.
    await page.evaluate(() => {
      const kept = window as unknown as { lags: number[] };
      kept.lags = [];
      const options = { type: 'event', durationThreshold: 16 } as PerformanceObserverInit;
      new PerformanceObserver((list) => {
        for (const { name, duration } of list.getEntries()) {
          if (name === 'keydown') kept.lags.push(duration);
        }
      }).observe(options);
    });
    await page.keyboard.type('desk-4242', { delay: 150 });
    await status(page).getByText('11 of 50,000 sessions').waitFor();
    const lags = await page.evaluate(async () => {
      await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
      return (window as unknown as { lags: number[] }).lags.sort((a, b) => a - b);
    });
    const middle = lags[Math.floor(lags.length / 2)] ?? 0;
    expect(middle).toBeLessThan(100);
  });

  it('is filtered by words of name, id and error text, by verdict, state and type, all at once', async () => {
    const find = page.getByRole('searchbox', { name: 'Find a session' });
    await find.fill('LICENCE 25 used');
    await status(page).getByText('of 50,000 sessions').waitFor();
    const names = await page.locator('.session-name').allTextContents();
    expect(names.length).toBeGreaterThan(0);
    expect(names.every((name) => name.includes('25'))).toBe(true);
    await find.fill('load-123');
    await status(page).getByText('111 of 50,000 sessions').waitFor();
    await page.getByRole('button', { name: /^refused \(2a\) \d/ }).click();
    await status(page).getByText('22 of 50,000 sessions').waitFor();
    await page.getByRole('combobox', { name: 'Client type' }).selectOption('MediaServer');
    await status(page).getByText('8 of 50,000 sessions', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Show all', exact: true }).click();
    await status(page).getByText('50,000 sessions', { exact: true }).waitFor();
    await page
      .getByRole('button', { name: /^registered 40,000$/ })
      .first()
      .click();
    await status(page).getByText('40,000 of 50,000 sessions').waitFor();
  });

  it('is sorted both ways by start, name, duration and verdict', async () => {
    await page.getByRole('button', { name: 'Follow the newest' }).click();
    const first = () => rows(page).first().locator('.session-name').textContent();
    const order = page.getByRole('combobox', { name: 'Order' });
    await page.getByRole('button', { name: 'Descending' }).click();
    await expect.poll(first).toBe('desk-1');
    await order.selectOption('name');
    await expect.poll(first).toBe('desk-1');
    await page.getByRole('button', { name: 'Ascending' }).click();
    await expect.poll(first).toBe('desk-9999');
    await order.selectOption('verdict');
    await expect.poll(() => rows(page).first().textContent()).toContain('refused');
  });

  it('can be used with the keyboard alone, up to its end', async () => {
    await page.getByRole('listbox', { name: 'Sessions' }).focus();
    await page.keyboard.press('End');
    await verdictOf(page).getByText('desk-1', { exact: true }).waitFor();
    const chosen = page.locator('.session-row[aria-selected=true]');
    expect(await chosen.getAttribute('aria-posinset')).toBe('50000');
    await page.keyboard.press('ArrowUp');
    await verdictOf(page).getByText('desk-2', { exact: true }).waitFor();
    await page.keyboard.press('PageUp');
    await page.keyboard.press('Home');
    await verdictOf(page).getByText('desk-50000', { exact: true }).waitFor();
    await page.keyboard.press('ArrowDown');
    await verdictOf(page).getByText('desk-49999', { exact: true }).waitFor();
    const active = await page
      .getByRole('listbox', { name: 'Sessions' })
      .getAttribute('aria-activedescendant');
    expect(await page.locator(`[id="${active}"]`).textContent()).toContain('desk-49999');
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.closest('.page-ladder'))).not.toBe(
      null,
    );
  });

  it('scrolls without a gap, and stops following when the user scrolls', async () => {
    await page.locator('.session-list').hover();
    await page.mouse.wheel(0, 400_000);
    await expect
      .poll(() => page.locator('.session-list').evaluate((box) => box.scrollTop))
      .toBeGreaterThan(300_000);
    await expect.poll(() => rows(page).count()).toBeGreaterThan(8);
    expect(
      await page.getByRole('button', { name: 'Follow the newest' }).getAttribute('aria-pressed'),
    ).toBe('false');
  });
});

describe('Following the newest session', () => {
  it('selects each new session until the user chooses one', async () => {
    await using gate = await openWatchedGate();
    const page = await browser.open(gate.url);
    await using first = await gate.client();
    await first.ask(registerRequest({ clientName: 'desk-first' }));
    await verdictOf(page).getByText('desk-first').waitFor();
    await using second = await gate.client();
    await second.ask(registerRequest({ clientName: 'desk-second' }));
    await verdictOf(page).getByText('desk-second').waitFor();
    await rows(page).filter({ hasText: 'desk-first' }).click();
    await using third = await gate.client();
    await third.ask(registerRequest({ clientName: 'desk-third' }));
    await rows(page).filter({ hasText: 'desk-third' }).waitFor();
    expect(await verdictOf(page).textContent()).toContain('desk-first');
    await page.getByRole('button', { name: 'Follow the newest' }).click();
    await verdictOf(page).getByText('desk-third').waitFor();
  });
});
