/** The page of the inspector as the target of `createBrowserInspector`: in a popup and in a frame. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtPage } from '../../scripts/subpath-sizes.mjs';
import { type Site, serveFolder } from '../support/example-site.js';
import { openBrowser, pageTimeout } from '../support/shared-browser.js';
import { inspectedPage, treeOf } from './inspected-page.js';

/** A page with an app; the address of the inspector is in its own address. */
const script = `
  import { createBrowserInspector } from '@statelyai/inspect';
  import { createActor, createMachine } from 'xstate';
  const { url, framed } = JSON.parse(decodeURIComponent(location.hash.slice(1)));
  const iframe = framed ? document.querySelector('iframe') : null;
  const { inspect } = createBrowserInspector({ url, iframe, serializationDepthLimit: 100 });
  const machine = createMachine({ id: 'page', initial: 'a', states: { a: { on: { GO: 'b' } }, b: {} } });
  const actor = createActor(machine, { inspect }).start();
  document.querySelector('button').onclick = () => actor.send({ type: 'GO' });
`;

describe('The page of the inspector with another window', () => {
  let browser: Browser;
  let site: Site;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ixgate-other-window-'));
    await writeFile(join(folder, 'page.js'), (await builtPage(script)).code);
    const body = '<button>Go</button><iframe title="inspector" width="1200" height="700"></iframe>';
    const load = '<script type="module" src="./page.js"></script>';
    await writeFile(join(folder, 'index.html'), `<!doctype html><title>-</title>${body}${load}`);
    [browser, site] = await Promise.all([openBrowser(), serveFolder(folder)]);
  });
  afterAll(async () => {
    await browser?.close();
    site?.server.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function app(page: Page, url: string, framed: boolean): Promise<void> {
    page.setDefaultTimeout(pageTimeout);
    await page.goto(`${site.url}#${encodeURIComponent(JSON.stringify({ url, framed }))}`);
  }

  it('shows the app in a popup, and in its own page, with the token in the address', async () => {
    await using opened = await inspectedPage(browser);
    const { page, server } = opened;
    const other = await page.context().newPage();
    const [popup] = await Promise.all([
      other.waitForEvent('popup'),
      app(other, server.browserInspectorUrl, false),
    ]);
    await expect.poll(() => treeOf(popup)).toEqual(['page a']);
    await other.getByRole('button').click();
    await expect.poll(() => treeOf(popup)).toEqual(['page b']);
    await expect.poll(() => treeOf(page)).toEqual(['page b']);
  });

  it('shows the app in a frame', async () => {
    await using opened = await inspectedPage(browser);
    const { page, server } = opened;
    const other = await page.context().newPage();
    await app(other, server.browserInspectorUrl, true);
    await expect.poll(() => treeOf(page)).toEqual(['page a']);
    const frame = other.frameLocator('iframe');
    await expect.poll(() => frame.locator('.inspector-name').allInnerTexts()).toEqual(['page']);
  });

  it('takes nothing without the token, and tells the address to use', async () => {
    await using opened = await inspectedPage(browser);
    const { page, server } = opened;
    const other = await page.context().newPage();
    const [popup] = await Promise.all([
      other.waitForEvent('popup'),
      app(other, `${server.url}/inspector`, false),
    ]);
    await expect
      .poll(() => popup.locator('.inspector-notice').innerText())
      .toContain(`createBrowserInspector({ url: '${server.url}/inspector?token=...' })`);
    await other.getByRole('button').click();
    expect(await popup.locator('.inspector-actor').count()).toBe(0);
    expect(await page.locator('.inspector-actor').count()).toBe(0);
  });
});
