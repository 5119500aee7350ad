import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { createActor } from 'xstate';
import type { AppsJson } from '../../adapters/inspector/index.js';
import { Command, ixgate, serving } from '../cli/in-process.js';
import { genuine } from './apps.js';
import { light } from './machines.js';

const admin = ['--admin', 'http://127.0.0.1:0'];
const html = { headers: { accept: 'text/html' } };
const socketUrl = (url: string, path: string) => url.replace(/^http/, 'ws').replace(/\/?$/, path);

async function apps(url: string, query = ''): Promise<AppsJson['apps']> {
  const response = await fetch(new URL(`/stately.json${query}`, url));
  return ((await response.json()) as AppsJson).apps;
}

/** Waits for the lines of the app `light`, and ends. */
async function firstLine(url: string): Promise<unknown> {
  const viewer = new WebSocket(url);
  const [data] = await once(viewer, 'message');
  viewer.terminate();
  return JSON.parse(String(data).split('\n')[0] ?? '');
}

async function refusal(url: string): Promise<number> {
  const socket = new WebSocket(url);
  const [, response] = await once(socket, 'unexpected-response');
  socket.on('error', () => {});
  socket.terminate();
  return response.statusCode;
}

describe('The inspector in ixgate viz', () => {
  it('is at /inspector beside the page of recordings', async () => {
    await using command = new Command(['viz', '--json']);
    const { url, browserInspectorUrl } = await command.event('listening');
    const page = String(url);
    expect(browserInspectorUrl).toMatch(
      /^http:\/\/127\.0\.0\.1:\d+\/inspector\?token=[0-9a-f]{24}$/,
    );
    using client = genuine(socketUrl(page, '/stately'));
    createActor(light, { inspect: client.inspect }).start();
    await expect.poll(async () => (await apps(page))[0]?.name).toBe('light');
    expect(await firstLine(socketUrl(page, '/inspector/feed'))).toMatchObject({ app: 'app-1' });
    const { headers } = await fetch(String(browserInspectorUrl), html);
    expect(headers.get('x-frame-options')).toBeNull();
    expect(await (await fetch(page, html)).text()).toContain('<div id="root"></div>');
    expect((await fetch(`${page}recordings.json`)).status).toBe(200);
  });
});

describe('The inspector in ixgate serve', () => {
  it('is off by default', async () => {
    await using gate = await serving(admin);
    expect((await fetch(`${gate.admin}/stately.json`)).status).toBe(404);
    expect((await fetch(`${gate.admin}/inspector`)).status).toBe(404);
    expect(await refusal(socketUrl(gate.admin, '/stately'))).toBe(404);
    expect(await refusal(socketUrl(gate.admin, '/inspector/feed'))).toBe(404);
  });

  it('is on the admin port with --inspector, which names it in its log and its help', async () => {
    await using gate = await serving([...admin, '--inspector']);
    const { url } = await gate.event('inspector');
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/inspector\?token=[0-9a-f]{24}$/);
    using client = genuine(socketUrl(gate.admin, '/stately'));
    createActor(light, { inspect: client.inspect }).start();
    await expect.poll(async () => (await apps(gate.admin))[0]?.name).toBe('light');
    expect(await firstLine(socketUrl(gate.admin, '/inspector/feed'))).toMatchObject({
      app: 'app-1',
    });
    const { headers } = await fetch(String(url), html);
    expect(headers.get('x-frame-options')).toBeNull();
    expect(await (await fetch(`${gate.admin}/help`)).text()).toContain('/stately.json');
    expect((await fetch(`${gate.admin}/healthz`)).status).toBe(200);
  });

  it('takes the token of the admin port for apps and readers, and does not log it', async () => {
    const token = 'the-token-of-the-admin';
    await using gate = await serving([...admin, '--inspector', '--admin-token', token]);
    const { url } = await gate.event('inspector');
    expect(url).toBe(`${gate.admin}/inspector`);
    const query = `?token=${token}`;
    expect(await refusal(socketUrl(gate.admin, '/stately'))).toBe(401);
    expect(await refusal(socketUrl(gate.admin, '/inspector/feed'))).toBe(401);
    expect((await fetch(`${gate.admin}/stately.json`)).status).toBe(401);
    using client = genuine(socketUrl(gate.admin, `/stately${query}`));
    createActor(light, { inspect: client.inspect }).start();
    await expect.poll(async () => (await apps(gate.admin, query))[0]?.name).toBe('light');
    const feed = socketUrl(gate.admin, `/inspector/feed${query}`);
    expect(await firstLine(feed)).toMatchObject({ app: 'app-1' });
  });

  it('needs the admin port', async () => {
    const run = await ixgate(['serve', '--inspector', '--admin', 'off']);
    expect(run).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('inspector needs admin'),
    });
  });
});
