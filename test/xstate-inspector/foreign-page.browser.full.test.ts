import type { Page } from 'playwright-core';
import { afterEach, describe, expect, it } from 'vitest';
import { openAdminPort } from '../../adapters/admin/admin-port.js';
import { SessionFeed } from '../../adapters/feed/index.js';
import { xstateHandler } from '../../adapters/xstate-inspector/index.js';
import { defaultDelays } from '../../machines/index.js';
import { closeGatesAfterEach, openGate } from '../support/gate.js';
import { registerRequest } from '../support/line-client.js';
import { axeFaults } from '../viz/parts/axe.js';
import { watchingBrowser } from '../viz/watched-gate.js';
import { ShownService } from './xstate-four.js';

closeGatesAfterEach();
const browser = watchingBrowser();
const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function door(): Promise<ShownService> {
  const service = await ShownService.start();
  closers.push(() => service.end());
  return service;
}

/** A gate with its page, its feed and its /xstate. */
async function gateWithPage(token?: string) {
  const gate = await openGate();
  const feed = new SessionFeed(gate.server, { gate: 'ixgate test', delays: defaultDelays });
  const admin = await openAdminPort(gate.server, {
    listen: 'http://127.0.0.1:0',
    token,
    upgrades: { '/feed': feed, '/xstate': xstateHandler(gate.server) },
  });
  closers.push(() => admin.close());
  return { ...gate, url: admin.url };
}

const foreign = (page: string, inspector: string) =>
  `${page}/#foreign=${encodeURIComponent(inspector)}`;

/** Names of the innermost active states, as drawn. */
const lit = (page: Page) =>
  page.locator('.chart-state.leaf[data-active="true"] .chart-name').allTextContents();

/** Waits until these states are lit. */
const untilLit = (page: Page, names: readonly string[]) =>
  expect.poll(() => lit(page)).toEqual(names);

describe('A service of xstate 4 in the page', () => {
  it('is listed, drawn from the machine it sends, lit where it is, and its events come as they happen', async () => {
    const [{ url }, service] = [await gateWithPage(), await door()];
    const page = await browser.open(foreign(url, service.url));
    await page.getByRole('option', { name: 'door' }).waitFor();
    await untilLit(page, ['closed']);
    expect(await page.locator('.chart-event').allTextContents()).toEqual([
      'OPEN',
      'LOCK [hasKey]',
      'CLOSE',
      'SWITCH',
      '60000 ms',
    ]);
    service.send({ type: 'OPEN', by: '<b>hand</b>' });
    service.send({ type: 'SWITCH' });
    await untilLit(page, ['on', 'quiet']);
    await page.locator('.chart-label.taken', { hasText: 'SWITCH' }).waitFor();
    const rows = page.locator('.foreign-event');
    expect(await rows.locator('.foreign-name').allTextContents()).toEqual(['SWITCH', 'OPEN']);
    // What was said is text, whatever it looks like.
    await rows.last().getByRole('button').click();
    expect(JSON.parse(await rows.last().locator('pre').innerText())).toEqual({
      type: 'OPEN',
      by: '<b>hand</b>',
    });
    // The chart shows the state after the event that is looked at.
    await untilLit(page, ['off', 'quiet']);
    await page.getByRole('button', { name: 'Newest' }).click();
    await untilLit(page, ['on', 'quiet']);
    service.send({ type: 'CLOSE' });
    service.send({ type: 'LOCK' });
    await page.getByText('stopped in locked').waitFor();
  });

  it('is found, lost and found again, and the page shows it', async () => {
    const [{ url }, first] = [await gateWithPage(), await door()];
    const page = await browser.open(foreign(url, first.url));
    const status = page.locator('.foreign-status');
    await expect.poll(() => status.textContent()).toBe('Connected; 1 service running');
    await first.end();
    await expect.poll(() => status.textContent()).toContain('was lost');
    const again = await ShownService.start(first.port);
    closers.push(() => again.end());
    await expect.poll(() => status.textContent()).toBe('Connected; 1 service running');
  });

  it('is opened by its address: by keyboard, with a hint, and an error if the address is invalid', async () => {
    const [{ url }, service] = [await gateWithPage(), await door()];
    const page = await browser.open(foreign(url, ''));
    await page.getByText('Any process that uses @xstate/inspect').waitFor();
    const field = page.getByLabel('Inspector at');
    await field.fill('ftp://nowhere');
    await field.press('Enter');
    await page.getByRole('alert').waitFor();
    await field.fill(service.url);
    await field.press('Enter');
    await untilLit(page, ['closed']);
    expect(decodeURIComponent(new URL(page.url()).hash)).toContain(service.url);
    service.send({ type: 'OPEN' });
    service.send({ type: 'SWITCH' });
    await untilLit(page, ['on', 'quiet']);
    await page.locator('.foreign-event button').first().focus();
    await page.keyboard.press('ArrowDown');
    await untilLit(page, ['off', 'quiet']);
    await page.keyboard.press('Escape');
    await untilLit(page, ['on', 'quiet']);
    await page.getByRole('button', { name: 'Back to the sessions' }).click();
    await page.locator('.foreign').waitFor({ state: 'detached' });
  });

  it('may be this gate itself, also where a token is needed, which stands in no address', async () => {
    const token = 'a-token-of-this-test';
    const { url, client } = await gateWithPage(token);
    await using desk = await client();
    const page = await browser.open(`${url}/?token=${token}#foreign=`);
    await page.getByRole('button', { name: /\/xstate$/ }).click();
    await untilLit(page, ['awaiting', 'registration']);
    await desk.ask(registerRequest());
    await untilLit(page, ['registered']);
    expect(page.url()).not.toContain(token);
    expect(await page.locator('.foreign').innerText()).not.toContain(token);
  });

  it.each([
    ['wide, light', { width: 1280, height: 720 }, 'light'],
    ['wide, dark', { width: 1280, height: 720 }, 'dark'],
    ['a phone', { width: 390, height: 844 }, 'light'],
  ] as const)('has no fault that axe finds: %s', async (_, viewport, colorScheme) => {
    const [{ url }, service] = [await gateWithPage(), await door()];
    const page = await browser.open(foreign(url, service.url), { viewport, colorScheme });
    await untilLit(page, ['closed']);
    service.send({ type: 'OPEN' });
    await page.locator('.foreign-event').first().getByRole('button').click();
    expect(await axeFaults(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(viewport.width);
  });
});
