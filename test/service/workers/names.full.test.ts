/** The cap of a name over several workers, when a session ends before the primary has heard of it. */
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import WebSocket from 'ws';
import { temporaryFolder } from '../../support/folder.js';
import { lineClient, registerRequest } from '../../support/line-client.js';
import { acknowledged, cluster, type Gate, workersOf } from './running-cluster.js';

const preload = new URL('../../support/held-worker.mjs', import.meta.url).href;

async function clientsFile(folder: string, names: readonly string[]): Promise<string> {
  const path = join(folder, 'clients.json');
  await writeFile(path, JSON.stringify({ clients: names.map((name) => ({ name, cap: 1 })) }));
  return path;
}

async function answerTo(gate: Gate, clientName: string): Promise<unknown> {
  await using client = await lineClient(gate.port);
  const answer = await client.ask(registerRequest({ clientName }));
  return answer?.errorDescription ?? answer?.messageName;
}

test('T85: a name is free again when its worker is killed before it has told more than the claim', {
  timeout: 60_000,
}, async () => {
  await using folder = await temporaryFolder();
  const held = join(folder.path, 'held');
  await writeFile(held, '');
  const env = { NODE_OPTIONS: `--import=${preload}`, HELD_BATCHES: held };
  const names = Array.from({ length: 6 }, (_, index) => `desk-${index}`);
  const clients = ['--clients', await clientsFile(folder.path, names)];
  await using gate = await cluster(clients, 2, { env });
  const workers = await workersOf(gate);
  const all = await Promise.all(names.map(() => lineClient(gate.port)));
  const asked = all.map((client, index) =>
    client.ask(registerRequest({ clientName: names[index] })),
  );
  expect(await Promise.all(asked)).toEqual(names.map(() => acknowledged));
  for (const pid of workers) process.kill(pid, 'SIGKILL');
  await Promise.all(all.map(({ ended }) => ended));
  await rm(held);
  for (const _ of workers) await gate.event('worker-started');
  const answers = await Promise.all(names.map((name) => answerTo(gate, name)));
  expect(answers).toEqual(names.map(() => 'EventAck'));
});

test('T85: a name is not given to a session that ended while it waited for the name', {
  timeout: 60_000,
}, async () => {
  await using folder = await temporaryFolder();
  const listen = ['--listen', 'tcp://127.0.0.1:0', '--listen', 'ws://127.0.0.1:0'];
  const clients = ['--clients', await clientsFile(folder.path, ['desk-1'])];
  const deadline = ['--registration-timeout', '2s'];
  await using gate = await cluster([...listen, ...clients, ...deadline]);
  const holder = new WebSocket(gate.endpoints[1] ?? '', { autoPong: false });
  holder.on('error', () => {});
  await once(holder, 'open');
  holder.send(JSON.stringify(registerRequest()));
  await once(holder, 'message');

  await using waiting = await lineClient(gate.port);
  waiting.say(registerRequest());
  // The deadline of the client that waits comes before that of the probe.
  const ends = [await gate.event('disconnected'), await gate.event('disconnected')];
  expect(ends.map(({ reason }) => reason)).toEqual(['registration-timeout', 'replaced']);
  expect(await answerTo(gate, 'desk-1')).toBe('EventAck');
});
