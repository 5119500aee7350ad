import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { createActor, createMachine } from 'xstate';
import { openAdminPort } from '../../adapters/admin/admin-port.js';
import { createInspector, type InspectorServer } from '../../adapters/inspector/index.js';
import { Inspection } from '../../adapters/inspector/inspection.js';
import { createServer } from '../../adapters/server/index.js';
import { openPageServer } from '../../adapters/web/index.js';
import { ToldApps } from '../../machines/engine/inspection/lines.js';
import { temporaryFolder } from '../support/folder.js';
import { anInspector } from './apps.js';

const light = createMachine({
  id: 'light',
  initial: 'green',
  states: { green: { on: { NEXT: 'red' } }, red: { on: { NEXT: 'green' } } },
});

interface Viewer extends AsyncDisposable {
  readonly apps: ToldApps;
  readonly lines: string[];
  readonly closed: Promise<number>;
  readonly socket: WebSocket;
}

async function viewer(url: string, headers: Record<string, string> = {}): Promise<Viewer> {
  const socket = new WebSocket(url, { headers });
  const apps = new ToldApps();
  const lines: string[] = [];
  socket.on('message', (data) => {
    for (const line of String(data).split('\n')) {
      lines.push(line);
      expect(apps.take(line), line).toBe(true);
    }
  });
  await once(socket, 'open');
  const closed = once(socket, 'close').then(([code]) => code as number);
  return {
    ...{ apps, lines, closed, socket },
    async [Symbol.asyncDispose]() {
      socket.terminate();
      await closed;
    },
  };
}

function feedOf({ url }: { readonly url: string }, token?: string): string {
  const query = token === undefined ? '' : `?token=${token}`;
  return `${url.replace(/^http/, 'ws')}/inspector/feed${query}`;
}

/** An app with one actor. */
function anApp({ appUrl }: Pick<InspectorServer, 'appUrl'>, name: string) {
  const inspector = createInspector({ url: appUrl, name });
  const actor = createActor(light, { inspect: inspector.inspect }).start();
  return { actor, [Symbol.dispose]: () => inspector.close() };
}

const stateIn = ({ apps }: Viewer, app: string) =>
  apps
    .apps()
    .find(({ name }) => name === app)
    ?.actors()[0]?.state;
const typesIn = ({ apps }: Viewer, app: string) =>
  apps
    .apps()
    .find(({ name }) => name === app)
    ?.ladder.entries()
    .map((entry) => (entry.kind === 'event' ? entry.type : 'gap'));

describe('The feed of the inspector', () => {
  it('tells what happens, and a later viewer what was held', async () => {
    await using server = await anInspector();
    await using early = await viewer(feedOf(server));
    using app = anApp(server, 'shop');
    app.actor.send({ type: 'NEXT' });
    await expect.poll(() => typesIn(early, 'shop')).toEqual(['xstate.init', 'NEXT']);
    await using late = await viewer(feedOf(server));
    await expect.poll(() => typesIn(late, 'shop')).toEqual(['xstate.init', 'NEXT']);
    app.actor.send({ type: 'NEXT' });
    for (const one of [early, late]) {
      await expect.poll(() => typesIn(one, 'shop')).toHaveLength(3);
      await expect.poll(() => stateIn(one, 'shop')).toBe('green');
    }
  });

  it('tells that an app has ended, and that it made room for another', async () => {
    await using server = await anInspector({ limits: { apps: 1 } });
    await using reader = await viewer(feedOf(server));
    const first = anApp(server, 'first');
    await expect.poll(() => stateIn(reader, 'first')).toBe('green');
    first[Symbol.dispose]();
    await expect.poll(() => reader.apps.apps()[0]?.endedAt).toBeTypeOf('number');
    using _second = anApp(server, 'second');
    await expect.poll(() => stateIn(reader, 'second')).toBe('green');
    expect(reader.apps.apps()).toHaveLength(1);
  });

  it('closes a viewer that does not keep up, which may connect again, and disturbs no other', async () => {
    await using server = await anInspector({ limits: { bytes: 4_194_304 } });
    await using slow = await viewer(feedOf(server));
    await using other = await viewer(feedOf(server));
    slow.socket.pause();
    const socket = new WebSocket(server.appUrl);
    await once(socket, 'open');
    const filler = 'x'.repeat(50_000);
    const told = () => other.apps.apps()[0]?.counts.messages ?? 0;
    // 30 MB: the sockets of a paused viewer take some of it, then lines wait.
    for (let sent = 0; sent < 600; ) {
      for (let count = 0; count < 20; count += 1) {
        sent += 1;
        const event = { type: 'GO', filler };
        socket.send(JSON.stringify({ type: '@xstate.event', sessionId: 'x:0', event }));
      }
      await expect.poll(told, { interval: 5 }).toBe(sent);
    }
    slow.socket.resume();
    // Without a code if it has not read the close frame within a second.
    expect([1013, 1006]).toContain(await slow.closed);
    await using again = await viewer(feedOf(server));
    await expect.poll(() => again.apps.apps()[0]?.ladder.forgotten).toBeGreaterThan(0);
    socket.terminate();
  });

  it('is for programs of this machine and its own page, and with a token only for those who have it', async () => {
    await using server = await anInspector();
    await using _own = await viewer(feedOf(server), { origin: server.url });
    const foreign = viewer(feedOf(server), { origin: 'http://localhost:5173' });
    await expect(foreign).rejects.toThrow('403');
    // The token of the address is for apps in pages: no page of another origin reads.
    const token = new URL(server.browserAppUrl).searchParams.get('token') ?? '';
    const withToken = viewer(feedOf(server, token), { origin: 'http://localhost:5173' });
    await expect(withToken).rejects.toThrow('403');
    await using locked = await anInspector({ token: 'a-token-of-the-user' });
    await expect(viewer(feedOf(locked))).rejects.toThrow('401');
    await using _reader = await viewer(feedOf(locked, 'a-token-of-the-user'));
  });

  it('takes at most 32 viewers, and none that sends much', async () => {
    await using server = await anInspector();
    const viewers = await Promise.all(Array.from({ length: 32 }, () => viewer(feedOf(server))));
    await expect(viewer(feedOf(server))).rejects.toThrow('503');
    const [first] = viewers;
    for (let count = 0; count < 100; count += 1) first?.socket.send('x');
    expect(await first?.closed).toBe(1008);
    for (const one of viewers) await one[Symbol.asyncDispose]();
  });
});

describe('The page of the inspector', () => {
  /** A folder with a page, instead of the built one. */
  async function aPage() {
    const folder = await temporaryFolder();
    await writeFile(join(folder.path, 'inspector.html'), '<title>inspector</title>');
    return folder;
  }
  const get = (url: string) => fetch(url, { headers: { accept: 'text/html' } });

  it('is at / and /inspector for browsers, and programs get the list of paths at /', async () => {
    await using page = await aPage();
    await using server = await anInspector({ page: page.path });
    for (const path of ['/', '/inspector'])
      expect(await (await get(server.url + path)).text()).toContain('<title>inspector');
    expect(await (await fetch(server.url)).text()).toContain('/stately.json');
  });

  it('may be framed by pages of this machine with the token in its address, and by no others', async () => {
    await using page = await aPage();
    await using server = await anInspector({ page: page.path });
    const framed = await get(server.browserInspectorUrl);
    expect(framed.headers.get('x-frame-options')).toBeNull();
    const security = framed.headers.get('content-security-policy') ?? '';
    expect(security).toContain('frame-ancestors http://localhost:* https://localhost:*');
    expect(security).not.toContain("frame-ancestors 'none'");
    expect(framed.headers.get('cross-origin-opener-policy')).toBeNull();
    for (const url of [`${server.url}/inspector`, `${server.url}/inspector?token=wrong`]) {
      const other = await get(url);
      expect(other.headers.get('x-frame-options')).toBe('DENY');
      expect(other.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    }
  });

  it('is beside the page of recordings, and of a gate, when they have an inspector', async () => {
    await using page = await aPage();
    const inspection = await Inspection.open({ page: page.path });
    await using shown = await openPageServer({ inspector: inspection });
    await using gate = await createServer({ listen: ['tcp://127.0.0.1:0'] });
    const token = 'a-token-of-the-admin';
    const guarded = await Inspection.open({ page: page.path, token });
    const listen = 'http://127.0.0.1:0';
    await using admin = await openAdminPort(gate, { listen, token, inspector: guarded });
    for (const [{ url }, one, query] of [
      [shown, inspection, ''],
      [admin, guarded, `?token=${token}`],
    ] as const) {
      expect(await (await get(`${url}/inspector`)).text()).toContain('<title>inspector');
      using _app = anApp(one.addresses(url), 'shop');
      const names = async () => {
        const answer = await fetch(`${url}/stately.json${query}`);
        return ((await answer.json()) as { apps: { name: string }[] }).apps[0]?.name;
      };
      await expect.poll(names).toBe('shop');
    }
    expect((await fetch(`${admin.url}/stately.json`)).status).toBe(401);
    await expect(viewer(feedOf(admin))).rejects.toThrow('401');
    expect(await (await fetch(`${admin.url}/help`)).text()).toContain('/inspector');
  });
});

it('A recording has the lines of the feed', async () => {
  await using folder = await temporaryFolder();
  const record = join(folder.path, 'today.jsonl');
  const server = await anInspector({ record });
  await using reader = await viewer(feedOf(server));
  const app = anApp(server, 'shop');
  await expect.poll(() => stateIn(reader, 'shop')).toBe('green');
  app[Symbol.dispose]();
  await expect.poll(() => reader.apps.apps()[0]?.endedAt).toBeTypeOf('number');
  await server.close();
  expect((await readFile(record, 'utf8')).trimEnd().split('\n')).toEqual(reader.lines);
});
