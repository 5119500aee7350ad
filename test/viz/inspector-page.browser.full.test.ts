/** The page of the inspector with running apps. */
import { createWebSocketInspector } from '@statelyai/inspect';
import type { Browser, Page, WebSocketRoute } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createActor, createMachine } from 'xstate';
import { createInspector } from '../../adapters/inspector/client/index.js';
import { light } from '../inspector/machines.js';
import { openBrowser } from '../support/shared-browser.js';
import {
  activeOf,
  type InspectedPage,
  inspectedPage,
  ladderOf,
  rawApp,
  strictForm,
  treeOf,
} from './inspected-page.js';
import { axeFaults } from './parts/axe.js';

let browser: Browser;
let opened: InspectedPage;
let page: Page;
const closing: (() => void)[] = [];

beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());
beforeEach(async () => {
  opened = await inspectedPage(browser);
  ({ page } = opened);
});
afterEach(async () => {
  for (const close of closing.splice(0)) close();
  const { foreign, problems } = opened;
  await opened[Symbol.asyncDispose]();
  expect(foreign).toEqual([]);
  expect(problems).toEqual([]);
});

function own(name: string) {
  const inspector = createInspector({ url: opened.server.appUrl, name });
  closing.push(() => inspector.close());
  return inspector.inspect;
}

function genuine(options: { serializationDepthLimit?: number } = { serializationDepthLimit: 100 }) {
  const inspector = createWebSocketInspector({ url: opened.server.appUrl, ...options });
  closing.push(() => inspector.stop());
  return inspector.inspect;
}

/** A light that went around once. */
async function aLight(): Promise<void> {
  const actor = createActor(light, { inspect: own('street') }).start();
  closing.push(() => actor.stop());
  for (let count = 0; count < 3; count += 1) actor.send({ type: 'NEXT' });
  await expect.poll(() => ladderOf(page)).toHaveLength(4);
}

const eventPanel = () => page.getByRole('region', { name: 'Event', exact: true }).innerText();
const position = () => page.locator('.inspector-position').innerText();

describe('the page of the inspector', () => {
  it('shows the lines to paste until an app connects', async () => {
    const text = () => page.locator('.welcome').innerText();
    await expect.poll(text).toContain(`createInspector({ url: '${opened.server.appUrl}' })`);
    expect(await text()).toContain('serializationDepthLimit: 100');
    expect(await axeFaults(page)).toEqual([]);
  });

  it('shows the tree, the chart, the ladder and certain transitions; unused actors are folded', async () => {
    const actor = strictForm(own('shop'));
    closing.push(() => actor.stop());
    actor.send({ type: 'SUBMIT', text: 'hello' } as never);
    await expect
      .poll(() => treeOf(page))
      .toEqual(['form editing', 'save done', '1 unused (React StrictMode)']);
    await expect.poll(() => activeOf(page)).toContain('form.editing');
    const rows = await ladderOf(page);
    expect(rows).toContainEqual(
      expect.stringMatching(/SUBMIT from outside to form, editing to saving$/),
    );
    expect(rows).toContainEqual(expect.stringMatching(/xstate.init from form to save/));
    const arrow = page.locator('.ladder-line', { hasText: 'SUBMIT' }).locator('.ladder-arrow');
    expect(await arrow.getAttribute('data-from')).toBe('0');
    expect(await arrow.getAttribute('data-to')).toBe('1');
    await page.locator('.ladder-line', { hasText: 'SUBMIT' }).click();
    await expect.poll(eventPanel).toContain('(certain)');
    expect(await eventPanel()).toMatch(/"text": "hello"/);
    expect(await eventPanel()).toMatch(/tries changed\s+- ?0\s+\+ ?1|tries changed\s+0\s+1/);
    await page.getByRole('button', { name: '1 unused (React StrictMode)' }).click();
    await expect.poll(() => treeOf(page)).toHaveLength(4);
  });

  it('marks what is guessed with the client of Stately', async () => {
    const actor = createActor(light, { inspect: genuine() }).start();
    closing.push(() => actor.stop());
    actor.send({ type: 'NEXT' });
    await expect.poll(eventPanel).toContain('green:NEXT (guessed)');
    expect(await page.locator('.ladder-line .inspector-guess').count()).toBe(1);
    await expect.poll(() => page.locator('.inspector-legend').innerText()).toContain('guessed');
  });

  it('travels in time by keys and slider, keeps the place when it is loaded again, and returns', async () => {
    await aLight();
    await expect.poll(() => activeOf(page)).toContain('light.green');
    await page.getByRole('listbox').focus();
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('ArrowUp');
    await expect.poll(position).toBe('Looking at event 2 of 4');
    await expect.poll(() => activeOf(page)).toContain('light.yellow');
    expect(await treeOf(page)).toEqual(['light yellow']);
    await page.reload();
    await expect.poll(position).toBe('Looking at event 2 of 4');
    await expect.poll(() => activeOf(page)).toContain('light.yellow');
    await page.getByRole('slider', { name: 'Event' }).fill('3');
    await expect.poll(() => treeOf(page)).toEqual(['light red']);
    expect(await axeFaults(page)).toEqual([]);
    await page.getByRole('listbox').focus();
    await page.keyboard.press('Home');
    await expect.poll(position).toBe('Looking at event 1 of 4');
    await page.keyboard.press('Escape');
    await expect.poll(position).toBe('Newest event, 4 in all');
    await expect.poll(() => treeOf(page)).toEqual(['light green']);
  });

  it('counts what was used on the chart', async () => {
    await aLight();
    await page.getByRole('button', { name: 'Coverage' }).click();
    const legend = () => page.locator('.inspector-legend').innerText();
    await expect.poll(legend).toContain('3 of 3 transitions, 3 of 3 states used');
    await page.locator('.ladder-line').nth(1).click();
    await expect.poll(legend).toContain('1 of 3 transitions, 2 of 3 states used');
    expect(await page.locator('.chart-edge.uncovered').count()).toBe(2);
    for (const theme of ['light', 'dark']) {
      await page.getByLabel('Theme').selectOption(theme);
      expect(await axeFaults(page)).toEqual([]);
    }
  });

  it('shows the time that is left of the only timer', async () => {
    const lamp = createMachine({
      id: 'lamp',
      initial: 'on',
      states: { on: { after: { 600000: 'off' } }, off: {} },
    });
    const actor = createActor(lamp, { inspect: own('lamp') }).start();
    closing.push(() => actor.stop());
    await expect
      .poll(() => page.locator('.chart-left').textContent())
      .toMatch(/^9:5\d min left$|^10:00 min left$/);
    await expect
      .poll(() => page.getByRole('region', { name: 'Actor', exact: true }).innerText())
      .toMatch(/600000 ms, \d+\.\d s left/);
  });

  it('finds events', async () => {
    await aLight();
    await page.getByLabel('Search events').fill('NEXT');
    await expect.poll(() => page.locator('.inspector-search span').innerText()).toBe('3');
    await page.getByLabel('Search events').press('Enter');
    await expect.poll(position).toBe('Looking at event 2 of 4');
    await page.getByRole('button', { name: 'Next match' }).click();
    await expect.poll(() => page.locator('.inspector-search span').innerText()).toBe('2 of 3');
    expect(await page.locator('.ladder-line.match').count()).toBe(3);
  });

  it('shows gaps, also those of an app that connects again', async () => {
    const url = `${opened.server.appUrl}?app=key&name=gaps`;
    const actor = { type: '@xstate.actor', sessionId: 'x:0', name: 'only' };
    const event = { type: '@xstate.event', sessionId: 'x:0', event: { type: 'GO' } };
    const app = await rawApp(url);
    app.send(actor, event, { type: '@ixgate.gap', missing: 12 }, event);
    await app.close();
    const again = await rawApp(url);
    again.send(actor, event);
    await expect
      .poll(() => ladderOf(page))
      .toEqual([
        '1: GO from outside to only',
        '12 messages are missing here',
        '3: GO from outside to only',
        'The app connected again: messages may be missing here',
        '5: GO from outside to only',
      ]);
    await again.close();
    await expect.poll(() => page.locator('.inspector-status').innerText()).toContain('has ended');
  });

  it('says why there is no chart, and that a definition was cut', async () => {
    const inspect = genuine({ serializationDepthLimit: 3 });
    const actor = strictForm(inspect);
    closing.push(() => actor.stop());
    const chart = page.locator('.inspector-chart');
    await expect.poll(() => chart.innerText()).toContain('set serializationDepthLimit: 100');
    actor.send({ type: 'SUBMIT' });
    await page.locator('.inspector-actor', { hasText: 'save' }).getByRole('button').click();
    await expect.poll(() => chart.innerText()).toContain('This actor is not a machine');
  });

  it('changes the lines of the ladder by the tree', async () => {
    const actor = strictForm(own('shop'));
    closing.push(() => actor.stop());
    actor.send({ type: 'SUBMIT' });
    const heads = () => page.locator('.ladder-lanes.heads bdi').allInnerTexts();
    await expect.poll(heads).toEqual(['outside', 'form', 'save']);
    await page.getByLabel('Line of save in the ladder').uncheck();
    await expect.poll(heads).toEqual(['outside', 'form', 'others']);
    expect(await page.locator('.ladder-label', { hasText: 'to save: xstate.init' }).count()).toBe(
      1,
    );
    await page.getByRole('button', { name: 'Usual lines' }).click();
    await expect.poll(heads).toEqual(['outside', 'form', 'save']);
  });

  it('reads again after a loss, and keeps what it has meanwhile', async () => {
    let feed: WebSocketRoute | undefined;
    await page.routeWebSocket(/\/inspector\/feed/, (route) => {
      feed = route;
      route.connectToServer();
    });
    await page.reload();
    await aLight();
    await feed?.close();
    await expect
      .poll(() => page.locator('.inspector-status').innerText())
      .toContain('Trying again');
    expect(await ladderOf(page)).toHaveLength(4);
    await expect.poll(() => page.locator('.inspector-status').innerText()).toBe('Live');
    await expect.poll(() => ladderOf(page)).toHaveLength(4);
  });

  it('lets the user choose among apps, and stays at the chosen one', async () => {
    await aLight();
    await page.locator('.inspector-actor button').first().click();
    const other = createActor(light, { inspect: own('<b>other</b>') }).start();
    closing.push(() => other.stop());
    const apps = page.getByLabel('App', { exact: true });
    await expect
      .poll(() => apps.locator('option').allInnerTexts())
      .toEqual(['street', '<b>other</b>']);
    expect(await ladderOf(page)).toHaveLength(4);
    await apps.selectOption('<b>other</b>');
    await expect.poll(() => ladderOf(page)).toHaveLength(1);
  });

  it('lays out charts in a worker, and is usable on a small screen', async () => {
    await aLight();
    await expect.poll(() => page.locator('.chart-canvas').count()).toBe(1);
    expect(page.workers().map((worker) => worker.url())).toEqual([
      expect.stringContaining('layout-worker'),
    ]);
    await page.setViewportSize({ width: 390, height: 800 });
    const wide = () => page.evaluate(() => document.documentElement.scrollWidth);
    await expect.poll(wide).toBeLessThanOrEqual(390);
    await page.getByRole('listbox').scrollIntoViewIfNeeded();
    await page.locator('.ladder-line').first().click();
    await expect.poll(position).toBe('Looking at event 1 of 4');
    expect(await axeFaults(page)).toEqual([]);
  });
});
