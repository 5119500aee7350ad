import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { SessionView } from '../../viz/src/state/contracts.js';
import { seriousFaults } from './parts/axe.js';
import { openParts, type Parts } from './parts/open-parts.js';
import type {} from './parts/window.js';

let parts: Parts;
let page: Page;

beforeAll(async () => {
  parts = await openParts();
}, 60_000);

afterAll(async () => {
  await parts?.close();
});

beforeEach(async () => {
  await page?.close();
  page = await parts.page();
  await page.evaluate(() => window.showSimulator());
});

const event = (type: string) => page.locator(`[data-event="${type}"]`);
const button = (name: string | RegExp) => page.getByRole('button', { name });
const standing = () => page.locator('.simulator-standing').innerText();
const configuration = () => page.locator('.simulator-standing strong').innerText();
const view = () => page.evaluate(() => window.said.at(-1)?.[1] as SessionView);

describe('the simulator', () => {
  it('shows a session from the start, and one more step with every event', async () => {
    expect(await view()).toMatchObject({ origin: 'simulator', steps: [] });
    await event('Connected').click();
    await event('RequestRegisterClient').click();
    await event('EventAck').click();
    expect(await configuration()).toBe('registered');
    const { steps, summary } = await view();
    expect(steps.map(({ name, referenceId }) => [name, referenceId])).toEqual([
      ['Connected', null],
      ['RequestRegisterClient', 1],
      ['EventAck', 1],
    ]);
    expect(summary).toMatchObject({ verdict: 'registered', figure: '1' });
  });

  it('lists the possible events first, and shows the chart’s text for the others', async () => {
    await event('Connected').click();
    const inGroup = (name: string) =>
      page.getByRole('region', { name, exact: true }).locator('[data-event]').allInnerTexts();
    expect(await inGroup('Expected in this state')).toEqual([
      'RequestRegisterClient',
      'any other message',
      'EventError',
      'disconnect',
    ]);
    expect(await inGroup('Not expected in this state')).toEqual([
      'connect',
      'EventAck',
      'any other event',
    ]);
    await event('EventAck').click();
    expect(await configuration()).toBe('awaiting/registration');
    expect(await standing()).toContain(
      'EventAck was not expected: No request is pending, so EventAck has no effect.',
    );
  });

  it('advances the clock by buttons, by a field and to the deadline', async () => {
    await event('Connected').click();
    await button('+100 ms').click();
    await button('+1 s').click();
    expect((await view()).now).toBe(1_100);
    await page.getByLabel('by', { exact: true }).fill('900');
    await button('Advance').click();
    expect((await view()).now).toBe(2_000);
    await page.getByLabel('by', { exact: true }).fill('soon');
    expect(await button('Advance').isDisabled()).toBe(true);
    await button(/^To the deadline \(\+8\.0 s\)/).click();
    expect(await configuration()).toBe('disconnected');
    expect((await view()).steps.at(-1)).toMatchObject({
      elapsed: 10_000,
      reason: 'registration-timeout',
    });
    expect(await page.locator('[data-event]').count()).toBe(0);
  });

  it('supports undo, redo and restart', async () => {
    await event('Connected').click();
    await event('OtherMessage').click();
    await event('EventError').click();
    const whole = await view();
    await button('Undo').click();
    expect(await configuration()).toBe('refusing/registration');
    await page.keyboard.press('Control+z');
    expect(await configuration()).toBe('awaiting/registration');
    await page.keyboard.press('Control+Shift+z');
    await button('Redo').click();
    expect(await view()).toEqual(whole);
    expect(await button('Redo').isDisabled()).toBe(true);
    await button('Reset').click();
    expect(await configuration()).toBe('connecting');
    expect(await button('Undo').isDisabled()).toBe(true);
  });

  it('answers by itself when it is set to', async () => {
    await page.getByRole('radio', { name: 'refuses' }).check();
    await event('Connected').click();
    await event('RequestRegisterClient').click();
    expect(await configuration()).toBe('awaiting/rejection');
    await page.getByRole('radio', { name: 'accepts' }).check();
    await event('RequestRegisterClient').click();
    expect(await configuration()).toBe('registered');
  });

  it('edits a message by its fields and as JSON before it is sent', async () => {
    await event('Connected').click();
    await button('Edit RequestRegisterClient before it is sent').click();
    await page.getByLabel('client name').fill('desk-7');
    await page.getByLabel('client type').selectOption('Proxy');
    await page.getByLabel('reference id').fill('42');
    await button('Send this').click();
    expect((await view()).steps.at(-1)?.payload).toEqual({
      messageName: 'RequestRegisterClient',
      referenceId: 42,
      clientName: 'desk-7',
      clientType: 'Proxy',
    });
    await button('Undo').click();
    const json = page.getByLabel('JSON');
    await json.fill('{ "messageName": ');
    expect(await page.locator('.problem').innerText()).toContain('Not JSON');
    expect(await button('Send this').isDisabled()).toBe(true);
    await json.fill('{ "messageName": "RequestPing", "referenceId": "x" }');
    expect(await page.locator('.simulator-editor').innerText()).toContain(
      'The chart receives OtherMessage.',
    );
    await button('Send this').click();
    expect(await configuration()).toBe('refusing/registration');
    expect((await view()).steps.at(-1)).toMatchObject({ name: 'RequestPing', referenceId: null });
  });

  it('ends the connection for the chosen reason', async () => {
    await event('Connected').click();
    await page.getByLabel('Reason of the disconnect').selectOption('transport-error');
    await event('Disconnected').click();
    expect((await view()).summary.reason).toBe('transport-error');
    expect(await page.locator('.simulator-over').innerText()).toContain('ended');
    await button('Undo').click();
    expect(await configuration()).toBe('awaiting/registration');
  });

  it('exports the session as a test, copied if the browser allows it', async () => {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await event('Connected').click();
    await event('OtherMessage').click();
    await button('Copy as test').click();
    await page.getByText('Copied.').waitFor();
    const text = await page.evaluate(() => navigator.clipboard.readText());
    expect(text).toContain("from 'vitest'");
    expect(text).toContain("expect(session.configuration).toBe('refusing/registration');");
    expect(await page.locator('.simulator-snippet pre').innerText()).toBe(text);
  });

  it('can be used with the keyboard alone', async () => {
    await page.keyboard.press('Tab');
    for (let presses = 0; presses < 20; presses += 1) {
      if ((await page.evaluate(() => document.activeElement?.textContent)) === 'connect') break;
      await page.keyboard.press('Tab');
    }
    await page.keyboard.press('Enter');
    expect(await configuration()).toBe('awaiting/registration');
  });

  it.each(['light', 'dark'] as const)(
    'has no serious axe violation, in %s, wide and narrow',
    async (theme) => {
      for (const size of [
        { width: 1280, height: 720 },
        { width: 390, height: 844 },
      ]) {
        await page.close();
        page = await parts.page(size, theme);
        await page.evaluate(() => window.showSimulator());
        await event('Connected').click();
        await event('EventAck').click();
        await button('Edit RequestRegisterClient before it is sent').click();
        await button('Copy as test').click();
        await page.locator('.simulator-snippet').waitFor();
        expect(await seriousFaults(page)).toEqual([]);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        expect(wide).toBeLessThanOrEqual(size.width);
      }
    },
  );

  it('logs no errors', () => {
    expect(parts.complaints).toEqual([]);
  });
});
