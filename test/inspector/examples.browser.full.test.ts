/** The examples as their users run them, and what `/stately.json` tells of them. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AnyStateMachine, createActor } from 'xstate';
import { type ActorJson, type AppsJson, createInspector } from '../../adapters/inspector/index.js';
import { builtExample, type Site, serveFolder } from '../support/example-site.js';
import { openBrowser, pageTimeout } from '../support/shared-browser.js';
import { anInspector, appNamed } from './apps.js';

/** The actors of each app, as a program reads them. */
async function actorsOf(url: string): Promise<(readonly ActorJson[])[]> {
  const answer = await fetch(`${url}/stately.json`);
  const { apps } = (await answer.json()) as AppsJson;
  return apps.map(({ actors }) => actors);
}

/** The transitions at the last event. */
function lastOf(actor: ActorJson | undefined) {
  return actor?.lastEvents.at(-1)?.transitions;
}

describe('The charts of XState’s documentation in the inspector', () => {
  it.each([
    ['toggle', ['TOGGLE']],
    ['traffic-light', ['POWER_OFF']],
    ['fetch-with-retry', ['FETCH']],
    ['multi-step-form', ['NEXT']],
    ['tic-tac-toe', []],
  ] as const)(
    '%s: its definition is whole, and its state is that of the actor',
    async (name, events) => {
      await using server = await anInspector();
      const inspector = createInspector({ url: server.appUrl, name });
      const module = (await import(`../../examples/charts/${name}.ts`)) as Record<string, unknown>;
      const machine = Object.values(module).find(
        (one) => typeof (one as AnyStateMachine)?.getInitialSnapshot === 'function',
      ) as AnyStateMachine;
      const actor = createActor(machine, { inspect: inspector.inspect }).start();
      for (const type of events) actor.send({ type });
      await inspector.flush();
      const root = () => appNamed(server, name)?.actors[0];
      const [told, own] = [() => root()?.state, () => actor.getSnapshot().value];
      await expect.poll(() => isDeepStrictEqual(told(), own())).toBe(true);
      expect(root()).toMatchObject({ parent: null, machine: machine.id, definitionCut: false });
      actor.stop();
      inspector.close();
    },
  );
});

describe('examples/inspected-react', () => {
  let browser: Browser;
  let site: Site;
  beforeAll(async () => {
    const [opened, folder] = await Promise.all([
      openBrowser(),
      builtExample('examples/inspected-react'),
    ]);
    browser = opened;
    site = await serveFolder(folder);
  });
  afterAll(async () => {
    await browser?.close();
    site?.server.close();
  });

  async function opened(query: string): Promise<Page> {
    const page = await browser.newPage();
    page.setDefaultTimeout(pageTimeout);
    await page.goto(`${site.url}${query}`);
    return page;
  }
  const click = (page: Page, name: string) =>
    page.getByRole('button', { name, exact: true }).click();

  it('tells its spawned, invoked and stopped actors', async () => {
    await using server = await anInspector();
    const page = await opened(`?inspector=${server.browserAppUrl}`);
    for (const name of ['add', 'add', 'more bread', 'less milk', 'remove', 'submit']) {
      await click(page, name);
    }
    await page.getByText('thanks').waitFor();
    const app = () => appNamed(server, 'react');
    await expect.poll(() => app()?.actors.some(({ state }) => state === 'thanks')).toBe(true);
    const [read] = await actorsOf(server.url);
    const [order, phantom, bread, milk, submit, ...others] = read ?? [];
    expect(others).toEqual([]);
    expect(order).toMatchObject({
      name: 'order',
      parent: null,
      machine: 'order',
      status: 'active',
    });
    expect(lastOf(order)).toEqual(['submitting:xstate.done.actor.submit']);
    // StrictMode renders twice: the actor of the other render never starts, and gets no event.
    const never = { name: 'order', parent: null, state: null, unused: true, lastEvents: [] };
    expect(phantom).toMatchObject(never);
    const parent = order?.id;
    expect(bread).toMatchObject({ name: 'bread', parent, machine: 'item', state: 'some' });
    expect(milk).toMatchObject({ name: 'milk', parent, state: 'none', status: 'stopped' });
    expect(submit).toMatchObject({ name: 'submit', parent, machine: null, status: 'done' });
    await page.close();
  });

  it('asks nothing of another machine, and neither does the page of the inspector', async () => {
    await using server = await anInspector();
    const context = await browser.newContext();
    const hosts: string[] = [];
    const note = (url: string) => hosts.push(new URL(url).hostname);
    await context.route('**/*', (route) => {
      const isHere = new URL(route.request().url()).hostname === '127.0.0.1';
      return isHere ? route.continue() : route.abort();
    });
    context.on('request', (request) => note(request.url()));
    context.on('page', (page) => page.on('websocket', (socket) => note(socket.url())));
    const page = await context.newPage();
    await page.goto(`${site.url}?inspector=${server.browserAppUrl}`);
    await click(page, 'add');
    await expect.poll(() => appNamed(server, 'react')?.actors.length).toBe(3);
    const inspector = await context.newPage();
    await inspector.goto(server.url, { waitUntil: 'load' });
    await context.close();
    // Both pages, a script, and the WebSocket of the app.
    expect(hosts.length).toBeGreaterThanOrEqual(4);
    expect([...new Set(hosts)]).toEqual(['127.0.0.1']);
  });

  it('works without an inspector', async () => {
    const page = await opened('');
    await click(page, 'add');
    await click(page, 'submit');
    await page.getByText('thanks').waitFor();
    await page.close();
  });
});

describe('examples/inspected-service', () => {
  it('tells 50 workers with their supervisor, clock and jobs', async () => {
    await using server = await anInspector();
    const script = resolve('examples/inspected-service/service.mjs');
    const child = spawn(process.execPath, [script, server.appUrl], { stdio: 'ignore' });
    try {
      const jobs = (status: string) =>
        appNamed(server, 'service')?.actors.some(
          (actor) => actor.name === 'job' && actor.status === status,
        );
      await expect.poll(() => jobs('done')).toBe(true);
      await expect.poll(() => jobs('error')).toBe(true);
      const [actors = []] = await actorsOf(server.url);
      const [supervisor] = actors;
      expect(supervisor).toMatchObject({ name: 'supervisor', parent: null, state: 'running' });
      expect(lastOf(supervisor)).toEqual(['running:TICK']);
      const children = actors.filter(({ parent }) => parent === supervisor?.id);
      expect(children.filter(({ machine }) => machine === 'worker').length).toBe(50);
      expect(children.filter(({ machine }) => machine === null)).toMatchObject([{ name: 'clock' }]);
      const failed = actors.find(({ status }) => status === 'error');
      const worker = actors.find(({ id }) => id === failed?.parent);
      const taken = worker?.lastEvents.flatMap(({ transitions }) => transitions ?? []);
      expect(taken).toContain('working:xstate.error.actor.job');
    } finally {
      child.kill();
      await once(child, 'exit');
    }
  });
});
