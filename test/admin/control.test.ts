import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { afterEach, describe, expect, it } from 'vitest';
import { type AdminOptions, type ControlAction, createAdmin } from '../../adapters/admin/index.js';
import { createServer } from '../../adapters/server/index.js';
import { askHttp } from '../support/controlled.js';
import { lineClient, registerRequest } from '../support/line-client.js';

const token = 'correct-horse-battery-staple';
const headers = { authorization: `Bearer ${token}` };
const toClose: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of toClose.splice(0).reverse()) await close();
});

/** A gate with a registered client, and an admin at `/ixgate` of a service with a parser of bodies. */
async function embedded(
  options: Partial<AdminOptions> = {},
  parser: express.RequestHandler = express.json(),
) {
  const gate = await createServer({ listen: ['tcp://127.0.0.1:0'] });
  toClose.push(() => gate.close());
  const admin = createAdmin(gate, { token, ...options });
  toClose.push(() => admin.close());
  const app = express();
  app.use(parser);
  app.use(admin.handler);
  const server = createHttpServer(app);
  toClose.push(() => server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const client = await lineClient(gate.endpoints[0]?.port ?? 0);
  toClose.push(() => client[Symbol.asyncDispose]());
  await client.ask(registerRequest());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/ixgate`;
  return { gate, admin, client, url, id: gate.sessions()[0]?.id ?? '' };
}

describe('live control of an embedded gate', () => {
  it('is only reading, unless the service takes the log of changes', async () => {
    const { url, id } = await embedded();
    const status = await askHttp({ url }, '/status', { headers });
    expect(status.value).toMatchObject({ state: 'running', registered: 1, service: null });
    const { value } = await askHttp({ url }, `/sessions/${id}`, { headers });
    expect(value).toMatchObject({ id, clientName: 'desk-1' });
    const found = await askHttp({ url }, '/sessions?where=client=none', { headers });
    expect(found.value).toEqual({ count: 0, sessions: [] });
    expect((await askHttp({ url }, '/status')).status).toBe(401);
    const { paths } = (await askHttp({ url }, '/openapi.json')).value;
    expect(Object.keys(paths as object)).toEqual([
      '/status',
      '/nodes',
      '/sessions',
      '/sessions/{id}',
    ]);
    const kick = await askHttp({ url }, `/sessions/${id}`, { method: 'DELETE', headers });
    expect(kick.status).toBe(405);
    for (const path of ['/drain', '/config', '/bans']) {
      expect((await askHttp({ url }, path, { method: 'POST', headers })).status, path).toBe(404);
    }
  });

  it('kicks and drains with the token, also behind a parser, and reports what was done', async () => {
    const done: ControlAction[] = [];
    const { gate, client, url, id } = await embedded({ onControl: (action) => done.push(action) });
    const refused = await askHttp({ url }, '/drain', { method: 'POST' });
    expect(refused.status).toBe(401);
    const kick = await askHttp({ url }, `/sessions/${id}`, {
      ...{ method: 'DELETE', body: { reason: 'update' } },
      headers: { ...headers, 'content-type': 'application/json' },
    });
    expect(kick.value).toMatchObject({ kicked: 1 });
    expect(await client.next()).toMatchObject({
      errorDescription: 'disconnected by an operator: update',
    });
    await askHttp({ url }, '/drain', { method: 'POST', headers });
    expect(gate.isDraining).toBe(true);
    expect((await askHttp({ url }, '/readyz')).status).toBe(503);
    await askHttp({ url }, '/resume', { method: 'POST', headers });
    expect(gate.isDraining).toBe(false);
    const ban = await askHttp({ url }, '/sessions?where=age>0&ban=1h', {
      method: 'DELETE',
      headers,
    });
    expect(ban.value).toMatchObject({ error: { message: 'this gate has no bans; leave out ban' } });
    expect(done).toMatchObject([
      { action: 'kick', arguments: { id, reason: 'update' }, problem: null },
      { action: 'drain', actor: { by: 'token', remoteAddress: '127.0.0.1' } },
      { action: 'resume', problem: null },
      { action: 'kick', problem: 'this gate has no bans; leave out ban' },
    ]);
  });

  const untouched: express.RequestHandler = (request, _response, next) => {
    // As express.json() of Express 4 does for a body of another type.
    request.body = {};
    next();
  };
  it.each([
    ['that leaves the body', untouched],
    ['of bytes', express.raw({ type: '*/*' })],
    ['of text', express.text({ type: '*/*' })],
    ['of JSON', express.json({ type: '*/*' })],
  ])('has the arguments behind a parser %s', async (_what, parser) => {
    const done: ControlAction[] = [];
    const { client, url, id } = await embedded({ onControl: (one) => done.push(one) }, parser);
    const kick = await askHttp({ url }, `/sessions/${id}`, {
      ...{ method: 'DELETE', body: { reason: 'update' } },
      headers: { ...headers, 'content-type': 'text/plain' },
    });
    expect(kick.value).toMatchObject({ kicked: 1 });
    expect(await client.next()).toMatchObject({
      errorDescription: 'disconnected by an operator: update',
    });
    expect(done).toMatchObject([{ arguments: { id, reason: 'update' }, problem: null }]);
  });

  it('is done even if onControl throws, which is a warning of the process', async () => {
    let calls = 0;
    const { gate, url } = await embedded({
      onControl: () => {
        calls += 1;
        throw new Error('the log is full');
      },
    });
    const warned = once(process, 'warning');
    const drain = await askHttp({ url }, '/drain', { method: 'POST', headers });
    expect(drain).toMatchObject({ status: 200, value: { draining: true } });
    expect(gate.isDraining).toBe(true);
    expect(await warned).toMatchObject([{ message: 'the log is full' }]);
    const unknown = await askHttp({ url }, '/sessions/x-1', { method: 'DELETE', headers });
    expect(unknown.status).toBe(404);
    expect(calls).toBe(2);
  });

  it('reports the text of an unexpected error to the service only', async () => {
    const done: ControlAction[] = [];
    const { gate, url } = await embedded({ onControl: (action) => done.push(action) });
    gate.setDraining = () => {
      throw new Error('the disk is gone');
    };
    const drain = await askHttp({ url }, '/drain', { method: 'POST', headers });
    expect([drain.status, drain.value]).toEqual([
      500,
      { error: { status: 500, message: 'internal error' } },
    ]);
    expect(done).toMatchObject([{ action: 'drain', result: null, problem: 'the disk is gone' }]);
  });

  it('works for requests of the Fetch API', async () => {
    const done: ControlAction[] = [];
    const { admin, client } = await embedded({ onControl: (action) => done.push(action) });
    const answer = await admin.fetch(
      new Request('http://localhost/ixgate/sessions?where=client=desk-1', {
        ...{ method: 'DELETE', headers, body: JSON.stringify({ reason: 'fetched' }) },
      }),
    );
    expect(await answer.json()).toMatchObject({ kicked: 1 });
    expect(await client.next()).toMatchObject({
      errorDescription: 'disconnected by an operator: fetched',
    });
    expect(done).toHaveLength(1);
  });

  it('refuses anything but a function for onControl', async () => {
    const gate = await createServer({ listen: ['tcp://127.0.0.1:0'] });
    toClose.push(() => gate.close());
    const wrong = { token, onControl: true } as unknown as AdminOptions;
    expect(() => createAdmin(gate, wrong)).toThrow(
      expect.objectContaining({ code: 'BAD_OPTION', option: 'onControl' }),
    );
  });
});
