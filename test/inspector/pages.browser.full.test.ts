import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtPage } from '../../scripts/subpath-sizes.mjs';
import { type Site, serveFolder } from '../support/example-site.js';
import { openBrowser } from '../support/shared-browser.js';
import { anInspector } from './apps.js';

/** A page with an app, which takes its client and the address from its own address. */
const page = `
  import { createInspector } from 'ixgate/inspector';
  import { createWebSocketInspector } from '@statelyai/inspect';
  import { createActor, createMachine } from 'xstate';
  const [client, url] = JSON.parse(decodeURIComponent(location.hash.slice(1)));
  const make = { own: createInspector, stately: createWebSocketInspector }[client];
  const { inspect } = make({ url });
  const machine = createMachine({
    id: 'page', initial: 'a', states: { a: { on: { GO: 'b' } }, b: {} },
  });
  const actor = createActor(machine, { inspect }).start();
  actor.send({ type: 'GO' });
  document.title = actor.getSnapshot().value;
`;

describe('The inspector with a page in a browser', () => {
  let browser: Browser;
  let site: Site;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ixgate-inspected-page-'));
    await writeFile(join(folder, 'page.js'), (await builtPage(page)).code);
    const script = '<script type="module" src="./page.js"></script>';
    await writeFile(join(folder, 'index.html'), `<!doctype html><title>-</title>${script}`);
    [browser, site] = await Promise.all([openBrowser(), serveFolder(folder)]);
  });
  afterAll(async () => {
    await browser?.close();
    site?.server.close();
    await rm(folder, { recursive: true, force: true });
  });

  it.each([
    ['own', ['a:GO'], false],
    ['stately', ['a:GO'], true],
  ] as const)(
    'takes a page of another loopback origin with the token: %s',
    async (client, transitions, guessed) => {
      await using server = await anInspector();
      const opened = await browser.newPage();
      await opened.goto(
        `${site.url}#${encodeURIComponent(JSON.stringify([client, server.browserAppUrl]))}`,
      );
      const last = () => server.apps().apps[0]?.actors[0]?.lastEvents.at(-1);
      await expect.poll(last).toMatchObject({ type: 'GO', transitions, guessed });
      await opened.close();
      await expect.poll(() => server.apps().apps[0]?.connected).toBe(false);
    },
  );

  it('shows its page in a frame of another loopback page with the token only, without warnings', async () => {
    const built = await mkdtemp(join(tmpdir(), 'ixgate-framed-'));
    await writeFile(join(built, 'inspector.html'), '<!doctype html><p>the inspector</p>');
    await using server = await anInspector({ page: built });
    const opened = await browser.newPage();
    const messages: string[] = [];
    opened.on('console', (message) => messages.push(message.text()));
    await opened.goto(`${site.url}empty`);
    messages.length = 0;
    const frame = (url: string) =>
      opened.evaluate(async (src) => {
        const made = document.createElement('iframe');
        made.src = src;
        const loaded = new Promise((resolve) => made.addEventListener('load', resolve));
        document.body.append(made);
        await loaded;
      }, url);
    const text = (index: number) =>
      opened.frames()[index]?.evaluate(() => document.querySelector('p')?.textContent ?? null);
    await frame(server.browserInspectorUrl);
    expect(await text(1)).toBe('the inspector');
    expect(messages).toEqual([]);
    await frame(`${server.url}/inspector`);
    expect(await text(2)).toBeNull();
    expect(messages.join()).toMatch(/frame-ancestors|X-Frame-Options/i);
    await opened.close();
    await rm(built, { recursive: true, force: true });
  });

  it.each(['own', 'stately'])(
    'refuses it without the token; the app goes on: %s',
    async (client) => {
      await using server = await anInspector();
      const opened = await browser.newPage();
      const refused = opened.waitForEvent('console', (message) => /403/.test(message.text()));
      await opened.goto(
        `${site.url}#${encodeURIComponent(JSON.stringify([client, server.appUrl]))}`,
      );
      await refused;
      expect(await opened.title()).toBe('b');
      expect(server.apps().apps).toEqual([]);
      const read = (url: string) =>
        fetch(url).then(
          (answer) => answer.text(),
          () => 'refused',
        );
      expect(await opened.evaluate(read, `${server.url}/stately.json`)).toBe('refused');
      await opened.close();
    },
  );
});
