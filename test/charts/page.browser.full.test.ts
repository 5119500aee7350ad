/** `ixgate viz --machine`: the page of a machine, in a real browser. */
import { readFile, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Command } from '../cli/in-process.js';
import { temporaryFolder } from '../support/folder.js';
import { openBrowser, pageTimeout } from '../support/shared-browser.js';
import { axeFaults } from '../viz/parts/axe.js';

const folder = await temporaryFolder();
let browser: Browser;
let page: Page;
const commands: Command[] = [];
const urls: string[] = [];

async function serve(...shown: readonly string[]): Promise<void> {
  const command = new Command(['viz', ...shown, '--json']);
  commands.push(command);
  urls.push(String((await command.event('listening')).url));
}

beforeAll(async () => {
  await symlink(resolve('node_modules'), join(folder.path, 'node_modules'));
  const everything = await readFile('test/engine/diagrams/chart-with-everything.ts', 'utf8');
  await writeFile(join(folder.path, 'chart.ts'), everything);
  await writeFile(
    join(folder.path, 'counter.ts'),
    `import { assign, createMachine } from 'xstate';
export const counter = createMachine({ context: { n: 0 }, initial: 'on', states: { on: { on: {
  ADD: { guard: ({ event }) => event.by > 0, actions: assign({ n: ({ context, event }) => context.n + event.by }) },
} } } });`,
  );
  browser = await openBrowser();
  await serve('--machine', join(folder.path, 'chart.ts'));
  await serve('--machine', join(folder.path, 'counter.ts'));
  await serve('--protocol', 'mqtt-connect');
});
afterAll(async () => {
  for (const command of commands) await command[Symbol.asyncDispose]();
  await browser.close();
  await folder[Symbol.asyncDispose]();
});

async function opened(url: string | undefined): Promise<void> {
  await page?.close();
  page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  page.setDefaultTimeout(pageTimeout);
  await page.goto(url ?? '');
  await page.waitForSelector('.chart-canvas');
}

const click = (name: string) => page.getByRole('button', { name, exact: true }).click();
const active = () =>
  page
    .locator('[data-state][data-active="true"]')
    .evaluateAll((boxes) => boxes.map((box) => box.getAttribute('data-state')));
const steps = () => page.locator('.machine-steps li').allInnerTexts();

describe('the page of a machine', () => {
  beforeEach(() => opened(urls[0]));

  it('says what it is, draws the chart, and offers the events and timers of the state', async () => {
    expect(await page.title()).toBe('everything - ixgate');
    expect(await page.locator('.machine-title').innerText()).toContain('Machine everything');
    expect(await active()).toContain('everything.off');
    const names = await page.locator('.machine-input button:first-child:enabled').allInnerTexts();
    expect(names).toEqual(['BACK', 'DEEP', 'a <b> "c"', '300 ms', 'pause']);
    expect(await page.getByRole('button', { name: 'OFF', exact: true }).isDisabled()).toBe(true);
  });

  it('takes a timer and an event, undoes to any step, and starts over', async () => {
    await click('300 ms');
    await expect.poll(active).toContain('everything.on');
    await click('OFF');
    await expect.poll(steps).toHaveLength(3);
    expect(await active()).toContain('everything.off');
    await page.locator('.machine-steps li button').nth(1).click();
    await expect.poll(active).toContain('everything.on');
    expect(await steps()).toHaveLength(3);
    await click('Start over');
    await expect.poll(active).toContain('everything.off');
    await click('pause');
    await expect.poll(steps).toHaveLength(2);
    await click('Undo');
    await expect.poll(active).toContain('everything.off');
    await click('Redo');
    await expect.poll(active).toContain('everything.on');
  });
});

describe('the page of a machine that reads the data of an event', () => {
  beforeEach(() => opened(urls[1]));

  it('asks for the data as JSON, sends it, and shows the context', async () => {
    const editor = page.getByLabel('ADD as JSON');
    expect(await editor.inputValue()).toBe('{"type":"ADD","by":null}');
    await editor.fill('{"type":"ADD","by":');
    expect(await page.locator('.machine-hint').first().innerText()).toBe('Invalid JSON');
    await editor.fill('{"type":"ADD","by":5}');
    await click('ADD');
    await expect.poll(steps).toHaveLength(2);
    expect((await steps())[1]).toContain('ADD {"by":5}');
    expect(await page.locator('.machine-state pre').innerText()).toBe('{\n "n": 5\n}');
    await page.getByLabel('ADD as JSON').fill('{"type":"ADD","by":-1}');
    await click('ADD');
    await expect.poll(() => page.getByRole('alert').innerText()).toBe('ADD has no effect here');
  });

  it('passes axe in light and in dark', async () => {
    for (const theme of ['light', 'dark']) {
      await page.getByLabel('Theme').selectOption(theme);
      expect(await axeFaults(page)).toEqual([]);
    }
  });
});

describe('the page of a protocol', () => {
  beforeEach(() => opened(urls[2]));

  it('has the steps as a ladder: what the client sends, what the server answers, and the state', async () => {
    for (const input of ['connect', 'ping', 'keepAlive']) await click(input);
    await expect.poll(steps).toHaveLength(4);
    const rungs = (await steps()).map((text) => text.replaceAll(':\n', ': ').split('\n'));
    expect(rungs).toEqual([
      ['awaiting'],
      [
        'Client: CONNECT with a client id and valid credentials',
        'MQTT server: CONNACK-0',
        'connected',
      ],
      ['Client: PINGREQ', 'MQTT server: PINGRESP', 'connected'],
      ['keepAlive expires', 'MQTT server: disconnect', 'closed'],
    ]);
    expect(await page.locator('.machine-sides').innerText()).toMatch(/^Client\s+MQTT server$/);
    const box = async (selector: string) => {
      const found = await page.locator(selector).first().boundingBox();
      return [found?.x, found?.width];
    };
    expect(await box('.to-server')).toEqual(await box('.to-client'));
    expect(await axeFaults(page)).toEqual([]);
  });

  it('goes back to a step by a click on it', async () => {
    for (const [at, input] of ['connect', 'disconnect'].entries()) {
      await click(input);
      await expect.poll(steps).toHaveLength(at + 2);
    }
    await page.locator('.machine-steps li button').nth(1).click();
    expect(await active()).toContain('mqtt-connect.connected');
  });
});
