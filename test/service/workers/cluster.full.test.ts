/** `ixgate serve --workers`: the built program, its workers real processes. */
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import WebSocket from 'ws';
import { sessionsOf } from '../../../machines/index.js';
import { ixgate, Running } from '../../cli/ixgate.js';
import { temporaryFolder } from '../../support/folder.js';
import { type LineClient, lineClient, registerRequest } from '../../support/line-client.js';
import { recordedIn } from '../../support/recordings.js';
import {
  cluster,
  isThere,
  metric,
  readiness,
  registered,
  sessionsAt,
  until,
  withAdmin,
  workersOf,
} from './running-cluster.js';

// Each test starts several processes.
vi.setConfig({ testTimeout: 60_000 });

const unregistered = 'ixgate_connections{state="unregistered"}';

describe('several workers', () => {
  test('share one address, the port the system chose too, and are one in sessions, metrics and log', async () => {
    await using gate = await cluster(withAdmin);
    expect(await workersOf(gate)).toHaveLength(2);
    const names = ['a', 'b', 'c', 'd'].map((letter) => `desk-${letter}`);
    for (const name of names) await registered(gate.port, name);
    const logged: unknown[] = [];
    for (const _ of names) logged.push((await gate.event('registered')).clientName);
    expect(logged.sort()).toEqual(names);
    const sessions = await sessionsAt(gate);
    expect(sessions.map(({ clientName }) => clientName).sort()).toEqual(names);
    const runs = new Set(sessions.map(({ id }) => id.split('-')[0]));
    expect(runs.size).toBe(2);
    expect(await metric(gate, 'ixgate_connections{state="registered"}')).toBe(4);
    expect(await metric(gate, 'ixgate_workers')).toBe(2);
  });

  test('are one in the feed: its viewers see the sessions of all, and each step', async () => {
    await using gate = await cluster(withAdmin);
    const viewer = new WebSocket(`${gate.admin.replace('http', 'ws')}/feed`);
    const listed = new Map<string, { steps: number; verdict: string }>();
    viewer.on('message', (data) => {
      const { sessions = [] } = JSON.parse(String(data));
      for (const one of sessions) listed.set(one.clientName, one);
    });
    await once(viewer, 'open');
    viewer.send(JSON.stringify({ type: 'list' }));
    for (const name of ['one', 'two', 'three', 'four']) await registered(gate.port, name);
    await until(() =>
      ['one', 'two', 'three', 'four'].every((name) => listed.get(name)?.steps === 3),
    );
    expect(listed.get('one')).toMatchObject({ verdict: 'registered' });
    viewer.terminate();
  });

  test('are one recording: its files lie in one folder, and no step is missing', async () => {
    await using above = await temporaryFolder();
    const folder = join(above.path, 'records');
    await using gate = await cluster(['--record', folder]);
    for (const name of ['one', 'two', 'three', 'four']) {
      await using client = await registered(gate.port, name);
      client.socket.end();
      await client.ended;
    }
    gate.child.kill('SIGTERM');
    expect(await gate.ended).toBe(0);
    const { files, steps, problems } = await recordedIn(folder);
    expect([files.length, problems]).toEqual([2, []]);
    const names = [...sessionsOf(steps).values()].map(({ summary }) => summary.clientName);
    expect(names.sort()).toEqual(['four', 'one', 'three', 'two']);
  });

  test('keep so many recordings together, and no fewer than they write', async () => {
    await using above = await temporaryFolder();
    const folder = join(above.path, 'records');
    const args = ['--workers', '3', '--record', folder, '--record-keep', '2'];
    const refused = await ixgate(['serve', '--listen', 'tcp://127.0.0.1:0', ...args]);
    expect(refused).toMatchObject({ code: 2 });
    expect(refused.stderr).toContain('recordKeep');
    expect(refused.stderr).toContain('3 or more');
  });
});

describe('limits', () => {
  test('T10: of an address hold over all workers', async () => {
    await using gate = await cluster([
      ...withAdmin,
      ...['--exempt', '10.0.0.0/8', '--max-unregistered-per-address', '3'],
    ]);
    for (const there of [1, 2, 3]) {
      await lineClient(gate.port);
      await until(async () => (await metric(gate, unregistered)) === there);
    }
    for (const _ of [1, 2]) {
      await using refused = await lineClient(gate.port);
      expect(await refused.next()).toMatchObject({ messageName: 'EventError', errorCode: 6 });
    }
  });

  test('T25: of a name hold over all workers: of a hundred claims at once one is granted, and it is free again after it', async () => {
    await using folder = await temporaryFolder();
    const clients = join(folder.path, 'clients.json');
    await writeFile(clients, JSON.stringify({ clients: [{ name: 'desk-1', cap: 1 }] }));
    await using gate = await cluster(['--clients', clients]);
    const all = await Promise.all(Array.from({ length: 100 }, () => lineClient(gate.port)));
    const answers = await Promise.all(all.map((client) => client.ask(registerRequest())));
    const names = answers.map((answer) => answer?.messageName);
    expect(names.filter((name) => name === 'EventAck')).toHaveLength(1);
    expect(answers.find((answer) => answer?.messageName === 'EventError')).toMatchObject({
      errorCode: 9,
      errorDescription: 'name in use: 1 registered under this name already',
    });
    const owner = all[names.indexOf('EventAck')] as LineClient;
    owner.socket.destroy();
    await gate.event('disconnected');
    await until(async () => {
      await using next = await lineClient(gate.port);
      return (await next.ask(registerRequest()))?.messageName === 'EventAck';
    });
    for (const client of all) client.socket.destroy();
  });

  test('T65: of a name are kept or passed on by the policy, whichever worker has the session', async () => {
    await using folder = await temporaryFolder();
    const clients = join(folder.path, 'clients.json');
    await writeFile(clients, JSON.stringify({ clients: [{ name: 'desk-1', cap: 1 }] }));
    for (const policy of ['probe', 'takeover']) {
      await using gate = await cluster(['--clients', clients, '--name-policy', policy]);
      await using holder = await lineClient(gate.port);
      expect(await holder.ask(registerRequest())).toMatchObject({ messageName: 'EventAck' });
      // Some of them are taken by the other worker.
      const others = await Promise.all(Array.from({ length: 4 }, () => lineClient(gate.port)));
      for (const other of others) {
        const answer = await other.ask(registerRequest());
        expect(answer).toMatchObject(
          policy === 'takeover' ? { messageName: 'EventAck' } : { errorCode: 9 },
        );
      }
      if (policy === 'takeover') expect(await holder.next()).toMatchObject({ errorCode: 11 });
      for (const other of others) other.socket.destroy();
    }
  });

  test('T65: of a name are passed on as fast as clients register, before the primary has heard of their sessions', async () => {
    await using folder = await temporaryFolder();
    const clients = join(folder.path, 'clients.json');
    await writeFile(clients, JSON.stringify({ clients: [{ name: 'desk-1', cap: 1 }] }));
    await using gate = await cluster(['--clients', clients, '--name-policy', 'takeover']);
    const all: LineClient[] = [];
    for (let number = 1; number <= 50; number += 1) {
      const client = await lineClient(gate.port);
      all.push(client);
      expect(await client.ask(registerRequest())).toMatchObject({ messageName: 'EventAck' });
    }
    for (const client of all.slice(0, -1)) {
      expect(await client.next()).toMatchObject({ errorCode: 11 });
    }
    for (const client of all) client.socket.destroy();
  });

  test('of what has died are free again', async () => {
    await using gate = await cluster([
      ...withAdmin,
      ...['--exempt', '10.0.0.0/8', '--max-unregistered-per-address', '2'],
    ]);
    for (const there of [1, 2]) {
      await lineClient(gate.port);
      await until(async () => (await metric(gate, unregistered)) === there);
    }
    const [first = 0] = await workersOf(gate);
    process.kill(first, 'SIGKILL');
    await gate.event('worker-died');
    expect(await metric(gate, unregistered)).toBe(1);
    // The one in its place knows what the other has.
    await gate.event('worker-started');
    await lineClient(gate.port);
    await until(async () => (await metric(gate, unregistered)) === 2);
    for (const _ of [1, 2]) {
      await using refused = await lineClient(gate.port);
      expect(await refused.next()).toMatchObject({ errorCode: 6 });
    }
  });
});

describe('a worker that dies', () => {
  test('T35: is logged with its sessions and replaced; its clients reconnect and the others stay connected', async () => {
    await using gate = await cluster(withAdmin);
    const clients = [await registered(gate.port, 'desk-1'), await registered(gate.port, 'desk-2')];
    await until(async () => (await sessionsAt(gate)).length === 2);
    const [first = 0] = await workersOf(gate);
    process.kill(first, 'SIGKILL');
    const lost = await Promise.race(
      clients.map(async (client, at) => {
        await client.ended;
        return `desk-${at + 1}`;
      }),
    );
    expect(await gate.event('disconnected')).toMatchObject({
      clientName: lost,
      reason: 'transport-error',
      error: expect.stringMatching(/^worker \d+ \(pid \d+\) died$/),
    });
    expect(await gate.event('worker-died')).toMatchObject({
      worker: first,
      reason: 'SIGKILL',
      sessions: 1,
    });
    await gate.event('worker-started');
    await registered(gate.port, lost);
    await until(async () => (await sessionsAt(gate)).length === 2);
    expect(await metric(gate, 'ixgate_worker_deaths_total')).toBe(1);
    expect(await metric(gate, 'ixgate_workers')).toBe(2);
    expect((await workersOf(gate)).includes(first)).toBe(false);
  });
});

describe('a worker that hangs', () => {
  test('T50: makes the gate not ready, is killed and replaced, and does not block a reload', async () => {
    const free = createServer().listen(0, '127.0.0.1');
    await once(free, 'listening');
    const { port } = free.address() as { port: number };
    free.close();
    await using gate = await cluster([...withAdmin, '--listen', `tcp://127.0.0.1:${port}`]);
    const hung = await workersOf(gate);
    for (const pid of hung) process.kill(pid, 'SIGSTOP');
    const ready = () => fetch(`${gate.admin}/readyz`).then(({ status }) => status);
    await until(async () => (await ready()) === 503);
    expect(await readiness(gate)).toMatchObject({ reason: 'all workers are down or hung' });
    gate.child.kill('SIGHUP');
    const killed = [await gate.event('worker-killed'), await gate.event('worker-killed')];
    expect(killed.map(({ worker }) => worker).sort()).toEqual(hung.sort());
    expect(killed[0]?.reason).toMatch(/^no heartbeat for 1\d\.\d s$/);
    await gate.event('reloaded');
    await until(async () => (await ready()) === 200);
    await registered(gate.port, 'desk-1');
    expect((await workersOf(gate)).filter((pid) => hung.includes(pid))).toEqual([]);
  });

  test('T50: is killed some seconds after the drain, and the gate ends', async () => {
    await using gate = await cluster(['--drain', '100ms']);
    const workers = await workersOf(gate);
    for (const pid of workers) process.kill(pid, 'SIGSTOP');
    gate.child.kill('SIGTERM');
    for (const _ of workers) {
      expect(await gate.event('worker-killed')).toMatchObject({
        reason: 'it still runs after the drain',
      });
    }
    expect(await gate.ended).toBe(0);
    expect(workers.filter(isThere)).toEqual([]);
  });
});

describe('a cluster ends', () => {
  test('T36: at SIGTERM: it notifies every client and leaves no worker behind', async () => {
    await using gate = await cluster(['--drain', '100ms']);
    const workers = await workersOf(gate);
    await using client = await registered(gate.port, 'desk-1');
    gate.child.kill('SIGTERM');
    expect(await client.next()).toMatchObject({ messageName: 'EventError', errorCode: 7 });
    expect(await gate.ended).toBe(0);
    expect(workers.filter(isThere)).toEqual([]);
  });

  test('with its primary: a worker whose primary was killed ends by itself', async () => {
    await using gate = await cluster();
    const workers = await workersOf(gate);
    gate.child.kill('SIGKILL');
    await gate.ended;
    await until(() => workers.every((pid) => !isThere(pid)));
  });

  test('before it begins, where an address is taken: with the error of a gate that is alone, and no worker left', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as { port: number };
    const args = ['--listen', `tcp://127.0.0.1:${port}`, '--admin', 'off', '--json'];
    const alone = await ixgate(['serve', ...args]);
    const several = await ixgate(['serve', '--workers', '2', ...args]);
    taken.close();
    expect(several).toEqual(alone);
    expect(several.code).toBe(5);
  });
});

describe('the configuration of a cluster', () => {
  test('is read again by all workers, or by none', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'ixgate.yaml');
    const config = (timeout: string) =>
      `workers: 2\nadmin: "off"\nlisten: ["tcp://127.0.0.1:0"]\nregistrationTimeout: ${timeout}\n`;
    await writeFile(path, config('30s'));
    await using running = new Running(['serve', '--json', '--config', path]);
    const { endpoints } = await running.event('listening');
    const port = Number(/:(\d+)$/.exec(String((endpoints as string[])[0]))?.[1]);
    await writeFile(path, config('a while'));
    await running.event('reload-failed');
    await writeFile(path, config('50ms'));
    await running.event('reloaded');
    const silent = await Promise.all([1, 2, 3, 4].map(() => lineClient(port)));
    for (const client of silent) expect(await client.next()).toBeNull();
  });
});
