/** The page of the inspector with recordings: saved, opened, large and hostile ones. */
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createActor } from 'xstate';
import { createInspector } from '../../adapters/inspector/client/index.js';
import { connectionLine, messageLine } from '../../machines/engine/inspection/lines.js';
import { ixgate } from '../cli/in-process.js';
import { light } from '../inspector/machines.js';
import { temporaryFolder } from '../support/folder.js';
import { openBrowser } from '../support/shared-browser.js';
import {
  type InspectedPage,
  inspectedPage,
  ladderOf,
  strictForm,
  treeOf,
} from './inspected-page.js';
import { axeFaults } from './parts/axe.js';

const folder = await temporaryFolder();
let browser: Browser;
let opened: InspectedPage;
let page: Page;

beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(async () => {
  await browser.close();
  await folder[Symbol.asyncDispose]();
});
beforeEach(async () => {
  opened = await inspectedPage(browser);
  ({ page } = opened);
});
afterEach(async () => {
  const { foreign, problems } = opened;
  await opened[Symbol.asyncDispose]();
  expect(foreign).toEqual([]);
  expect(problems).toEqual([]);
});

const open = (path: string) => page.getByLabel('Open a recording').setInputFiles(path);
const status = () => page.locator('.inspector-status').innerText();
const alert = () => page.getByRole('alert').innerText();

async function aFile(name: string, lines: readonly string[]): Promise<string> {
  const path = join(folder.path, name);
  await writeFile(path, `${lines.join('\n')}\n`);
  return path;
}

async function saved(item: string): Promise<string> {
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem', { name: item }).click(),
  ]);
  const path = join(folder.path, download.suggestedFilename());
  await download.saveAs(path);
  return path;
}

/** Lines of an app with many actors and events. */
function manyLines(actors: number, events: number): string[] {
  const config = light.config;
  const definition = JSON.stringify(config);
  const states = ['green', 'yellow', 'red'];
  const lines = [connectionLine('app-1', 1, true, 'many')];
  const say = (message: object) =>
    lines.push(messageLine('app-1', lines.length, JSON.stringify(message)));
  for (let index = 0; index < actors; index += 1) {
    const parentId = index === 0 ? undefined : 'x:0';
    say({
      type: '@xstate.actor',
      sessionId: `x:${index}`,
      name: `light-${index}`,
      parentId,
      definition,
    });
  }
  for (let index = 0; index < events; index += 1) {
    const sessionId = `x:${index % actors}`;
    const value = states[Math.floor(index / actors + 1) % 3];
    const event = { type: 'NEXT', index };
    say({ type: '@xstate.event', sessionId, event });
    const snapshot = { status: 'active', value, context: { index } };
    say({ type: '@xstate.snapshot', sessionId, event, snapshot, transitions: [] });
  }
  return lines;
}

describe('recordings on the page of the inspector', () => {
  it('are saved and opened again, and show the same; the page goes back to live', async () => {
    const inspector = createInspector({ url: opened.server.appUrl, name: 'shop' });
    const actor = strictForm(inspector.inspect);
    actor.send({ type: 'SUBMIT' });
    await expect.poll(() => treeOf(page)).toContain('save done');
    await expect.poll(() => ladderOf(page)).toHaveLength(5);
    const [tree, ladder] = [await treeOf(page), await ladderOf(page)];
    const path = await saved('Save shop');
    expect(path).toMatch(/shop\.jsonl$/);
    const text = await readFile(path, 'utf8');
    expect(text.split('\n')[0]).toMatch(
      /^\{"app":"app-1","at":\d+,"connected":true,"name":"shop"\}$/,
    );
    await open(path);
    await expect.poll(status).toBe('File shop.jsonl');
    expect(await treeOf(page)).toEqual(tree);
    expect(await ladderOf(page)).toEqual(ladder);
    actor.send({ type: 'SUBMIT' });
    await page.getByRole('button', { name: 'Back to live' }).click();
    await expect.poll(status).toBe('Live');
    await expect.poll(() => ladderOf(page)).toHaveLength(9);
    actor.stop();
    inspector.close();
  });

  it('are counted by ixgate coverage --machine', async () => {
    const inspector = createInspector({ url: opened.server.appUrl, name: 'street' });
    const actor = createActor(light, { inspect: inspector.inspect }).start();
    actor.send({ type: 'NEXT' });
    await expect.poll(() => treeOf(page)).toEqual(['light yellow']);
    const path = await saved('Save street');
    const machine = resolve('test/inspector/machines.ts#light');
    const { code, stdout } = await ixgate(['coverage', '--machine', machine, path]);
    expect(stdout).toMatch(/1 of 3/);
    expect(code).toBe(0);
    actor.stop();
    inspector.close();
  });

  it('with lines that cannot be read are opened, and the number is stated', async () => {
    const app = [connectionLine('app-1', 1, true, 'broken'), 'nonsense', '{"at":1}', '[]'];
    await open(await aFile('broken.jsonl', app));
    await expect.poll(status).toBe('File broken.jsonl; 3 of 4 lines were not read');
  });

  it('of another kind are refused in words, and the page stays as it was', async () => {
    await open(await aFile('notes.txt', ['one', 'two']));
    await expect
      .poll(alert)
      .toContain(
        'notes.txt is not a recording of an inspector: none of its 2 lines is about an app.',
      );
    await expect.poll(status).toBe('Connected, waiting for an app');
    expect(await axeFaults(page)).toEqual([]);
    await page.getByRole('alert').getByRole('button').click();
    await expect.poll(() => page.getByRole('alert').count()).toBe(0);
  });

  it('with 1,000 actors and 20,000 events are usable: few elements, and keys work', async () => {
    await open(await aFile('many.jsonl', manyLines(1_000, 20_000)));
    await expect.poll(status).toBe('File many.jsonl');
    expect(await page.locator('.ladder-line').count()).toBeLessThan(60);
    expect(await page.locator('.inspector-actor').count()).toBeLessThan(60);
    expect(await page.locator('.ladder-lanes.heads bdi').count()).toBe(14);
    await page.getByRole('listbox').focus();
    await page.keyboard.press('Home');
    await expect
      .poll(() => page.locator('.inspector-position').innerText())
      .toBe('Looking at event 1 of 20,000');
    await expect.poll(async () => (await ladderOf(page))[0]).toContain('1: NEXT');
    await page.getByLabel('Search events').fill('"index":19999');
    await page.getByLabel('Search events').press('Enter');
    await expect
      .poll(() => page.locator('.inspector-position').innerText())
      .toBe('Looking at event 20,000 of 20,000');
    await page.locator('.inspector-actor button').first().focus();
    await page.keyboard.press('End');
    await expect.poll(() => page.locator('.inspector-title').innerText()).toContain('light-999');
    expect(await page.locator(':focus .inspector-name').innerText()).toBe('light-999');
  });

  it('of more than 20,000 events tell how many were dropped', async () => {
    await open(await aFile('more.jsonl', manyLines(2, 20_100)));
    await expect.poll(status).toBe('File more.jsonl');
    await page.getByRole('listbox').focus();
    await page.keyboard.press('Home');
    await page.getByRole('listbox').evaluate((box) => box.scrollTo(0, 0));
    await expect.poll(async () => (await ladderOf(page))[0]).toBe('100 older events were dropped');
  });

  it('with hostile texts show them as text', async () => {
    const bad = '<img src=x onerror="document.title=1"><script>document.title=2</script>';
    const control = 'line\u0000\u202Eevil\u200B\n';
    const long = 'x'.repeat(900);
    const say = (message: object) => messageLine('app-1', 2, JSON.stringify(message));
    const definition = JSON.stringify({
      id: bad,
      initial: bad,
      states: { [bad]: { on: { [control]: long } }, [long]: {} },
    });
    await open(
      await aFile('bad.jsonl', [
        connectionLine('app-1', 1, true, `${bad}${control}`),
        say({ type: '@xstate.actor', sessionId: bad, name: bad, definition }),
        say({ type: '@xstate.actor', sessionId: long, name: long, parentId: bad }),
        say({ type: '@xstate.actor', sessionId: control, name: control, parentId: bad }),
        say({
          type: '@xstate.event',
          sessionId: bad,
          sourceId: long,
          event: { type: control, [bad]: long.repeat(500) },
        }),
        say({
          type: '@xstate.snapshot',
          sessionId: bad,
          event: { type: control },
          snapshot: {
            status: bad,
            value: long,
            context: { [bad]: control, __proto__x: { deep: bad } },
          },
        }),
        say({ type: '@xstate.event', sessionId: control, event: { type: long } }),
        say({ type: '@xstate.event', sessionId: long, event: { type: bad } }),
      ]),
    );
    await expect.poll(status).toBe('File bad.jsonl');
    await page.locator('.ladder-line').first().click();
    await page.getByRole('button', { name: 'Coverage' }).click();
    await expect.poll(() => page.locator('.chart-canvas').count()).toBe(1);
    expect(await page.title()).toContain(bad.slice(0, 20));
    expect(await page.locator('img, script:not([src]), #root script').count()).toBe(0);
    const text = await page.locator('#root').evaluate((root) => root.textContent ?? '');
    expect(text).toContain(String.raw`\u{202e}evil\u{200b}`);
    for (const hidden of '\u0000\u202E\u200B') expect(text.includes(hidden)).toBe(false);
    for (const width of [1440, 390]) {
      await page.setViewportSize({ width, height: 800 });
      const wide = () => page.evaluate(() => document.documentElement.scrollWidth);
      await expect.poll(wide).toBeLessThanOrEqual(width);
    }
    expect(await axeFaults(page)).toEqual([]);
  });

  it('are drawn while they are live: thousands of events do not stop the page', async () => {
    const inspector = createInspector({ url: opened.server.appUrl, name: 'busy' });
    const actor = createActor(light, { inspect: inspector.inspect }).start();
    for (let round = 0; round < 20; round += 1) {
      for (let count = 0; count < 500; count += 1) actor.send({ type: 'NEXT' });
      await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
    }
    await expect
      .poll(() => page.locator('.inspector-position').innerText())
      .toMatch(/^Newest event, 10,0\d\d in all$/);
    await expect.poll(async () => (await ladderOf(page)).at(-1)).toMatch(/^10001: NEXT/);
    actor.stop();
    inspector.close();
  });
});
