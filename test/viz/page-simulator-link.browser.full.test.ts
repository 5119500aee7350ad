import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { openPageServer } from '../../adapters/web/index.js';
import { parseRecording } from '../../machines/index.js';
import { inputsFrom, inputsText, longestInputs } from '../../viz/src/simulator/link.js';
import type { Input } from '../../viz/src/simulator/simulation.js';
import { drop, saved } from './parts/files.js';
import { watchingBrowser } from './watched-gate.js';

const browser = watchingBrowser();
const permissions = ['clipboard-read', 'clipboard-write'];

const event = (page: Page, type: string) => page.locator(`[data-event="${type}"]`);
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const rows = (page: Page) => page.locator('.ladder-step').allTextContents();
const standing = (page: Page) => page.locator('.simulator-standing').innerText();

/** Sends a request whose attributes are edited first. */
async function sendEdited(page: Page, type: string, message: object): Promise<void> {
  await button(page, `Edit ${type} before it is sent`).click();
  await page.getByLabel('JSON').fill(JSON.stringify(message));
  await button(page, 'Send this').click();
}

async function copiedLink(page: Page): Promise<string> {
  await button(page, 'Save').click();
  await page.getByRole('menuitem', { name: 'Copy link' }).click();
  await page.getByText('Link copied.').waitFor();
  return page.evaluate(() => navigator.clipboard.readText());
}

const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('A link to a step of the simulator', () => {
  it('shows another user the same simulation at the same step, which can be undone and continued', async () => {
    await using site = await openPageServer();
    const page = await browser.open(`${site.url}#tab=simulator`, { permissions });
    await page.getByRole('radio', { name: 'refuses' }).check();
    await event(page, 'Connected').click();
    const clientName = 'Jörg 漢字 🎉 <b>"\\';
    const request = { messageName: 'RequestRegisterClient', referenceId: 7, clientName };
    await sendEdited(page, 'RequestRegisterClient', { ...request, clientType: 'Proxy' });
    await button(page, '+1 s').click();
    await page.getByLabel('by', { exact: true }).fill('250');
    await button(page, 'Advance').click();
    await event(page, 'Disconnected').click();
    await page.locator('.ladder-step').nth(3).waitFor();
    await page.locator('.ladder-step[data-seq="2"]').click();
    const link = await copiedLink(page);
    expect(link.length).toBeLessThan(1_000);

    const other = await browser.open(link);
    await other.locator('.ladder-step.at-cursor[data-seq="2"]').waitFor();
    expect(await rows(other)).toEqual(await rows(page));
    expect(await standing(other)).toBe(await standing(page));
    await other.locator('.ladder-step', { hasText: clientName }).waitFor();
    expect(await other.getByRole('radio', { name: 'refuses' }).isChecked()).toBe(true);
    await button(other, 'Undo').click();
    await button(other, 'Undo').click();
    expect(await standing(other)).toContain('1.0 s since the connect');
    const undone = await rows(other);
    expect(undone).toHaveLength(3);

    // The address has the simulation too: when it is loaded again, and after Back and Forward.
    await other.reload();
    await other.locator('.ladder-step').nth(2).waitFor();
    expect(await rows(other)).toEqual(undone);
    await button(other, 'Sessions').click();
    await other.getByText('No sessions yet').waitFor();
    expect(other.url()).not.toContain('inputs');
    await other.goBack();
    await other.locator('.ladder-step').nth(2).waitFor();
    expect(await rows(other)).toEqual(undone);
    await button(other, 'Reset').click();
    await expect.poll(() => other.url()).not.toContain('inputs');
  });

  it('that cannot be replayed is reported with the reason, and the simulator works', async () => {
    await using site = await openPageServer();
    const page = await browser.open(site.url);
    const wrong = [
      ['WzEs*', 'not base64url'],
      [Buffer.from('[1,').toString('base64url'), 'not a list of inputs'],
      [base64url([99, 0]), 'another version'],
      [base64url([1, 0, ['connect'], ['explode']]), 'input 2 of 2'],
      [base64url([1, 0, ['client', { a: 1 }]]), 'input 1 of 1'],
      ['A'.repeat(300_000), `300000 characters; at most ${longestInputs}`],
    ];
    for (const [inputs, reason = ''] of wrong) {
      await page.evaluate((hash) => {
        location.hash = hash;
      }, `tab=simulator&step=2&inputs=${inputs}`);
      const alert = page.getByRole('alert');
      await alert.getByText('The link cannot be replayed').waitFor();
      expect(await alert.textContent()).toContain(reason);
      await expect.poll(() => page.url()).not.toContain('inputs');
      await button(page, 'Dismiss').click();
    }
    await event(page, 'Connected').click();
    await page.locator('.ladder-step').waitFor();
    expect(await standing(page)).toContain('awaiting/registration');
  });

  it('of a simulation that is too long offers the recording instead', async () => {
    await using site = await openPageServer();
    const page = await browser.open(`${site.url}#tab=simulator`, { permissions });
    await event(page, 'Connected').click();
    const text = 'x'.repeat(longestInputs);
    await sendEdited(page, 'any other message', { messageName: 'RequestPing', text });
    await button(page, 'Save').click();
    await page.getByRole('menuitem', { name: 'Copy link' }).click();
    await page.getByText('The simulation is too long for a link.').waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      button(page, 'Save the recording').click(),
    ]);
    expect(download.suggestedFilename()).toBe('simulator.jsonl');
    const own = await saved(page, 'Save', 'Session as recording');
    const recording = own.bytes.toString();
    expect(parseRecording(recording).steps.map(({ name }) => name)).toEqual([
      'Connected',
      'RequestPing',
    ]);
    await drop(page, 'simulator.jsonl', recording);
    await page.getByText('step 2 of 2').waitFor();
  });
});

describe('The inputs in a link', () => {
  const inputs: readonly Input[] = [
    { kind: 'answers', answers: 'silent' },
    { kind: 'connect' },
    { kind: 'say', from: 'Client', message: { messageName: 'RequestPing', text: '\ud800 ü' } },
    { kind: 'say', from: 'Interaction Server', message: { messageName: 'EventAck' } },
    { kind: 'wait', ms: 86_400_000 },
    { kind: 'end', reason: 'transport-error' },
  ];

  it('are restored unchanged', () => {
    const linked = { inputs, startedAt: 1_753_440_000_000 };
    expect(inputsFrom(inputsText(linked) ?? '')).toEqual(linked);
    expect(inputsText({ ...linked, inputs: [] })).toBe(null);
  });

  it('are rejected when they are invalid', () => {
    const nested = JSON.parse(`${'['.repeat(1_000)}${']'.repeat(1_000)}`);
    const wrong = [
      ['wait', -1],
      ['wait', 0.5],
      ['wait', 1e9],
      ['wait', '1'],
      ['end', 'toString'],
      ['end', 7],
      ['answers', '__proto__'],
      ['client', 'RequestPing'],
      ['server', { messageName: 'EventOther', nested }],
      'connect',
      null,
    ];
    for (const one of wrong) expect(inputsFrom(base64url([1, 0, one]))).toMatch(/^input 1 of 1/);
    for (const at of [null, -1, 1e300, '0']) {
      expect(inputsFrom(base64url([1, at]))).toBe('no start time');
    }
    for (const text of [
      '',
      '====',
      'a',
      'ü',
      base64url({}),
      base64url(1),
      '_'.repeat(10_000_000),
    ]) {
      expect(typeof inputsFrom(text)).toBe('string');
    }
  });

  it('are bounded in size, and a message in depth', () => {
    const say = (message: object): Input => ({
      kind: 'say',
      from: 'Client',
      message: { messageName: 'RequestPing', ...message },
    });
    const sized = (length: number) =>
      inputsText({ inputs: [say({ text: 'x'.repeat(length) })], startedAt: 0 });
    expect(sized(5_900)?.length).toBeLessThanOrEqual(longestInputs);
    expect(sized(6_000)).toBe(null);
    const nested = JSON.parse(`${'['.repeat(100)}${']'.repeat(100)}`);
    expect(inputsText({ inputs: [say({ nested })], startedAt: 0 })).toBe(null);
  });
});
