/** The configuration of a cluster changes while one of its workers cannot take it. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../support/folder.js';
import { lineClient, registerRequest } from '../../support/line-client.js';
import { cluster, type Gate, limitFiles, workersOf } from './running-cluster.js';

const preload = new URL('../../support/held-worker.mjs', import.meta.url).href;

/** A gate of two workers whose configuration names the clients that may register. */
async function configuredGate(folder: string) {
  const config = join(folder, 'ixgate.yaml');
  const held = join(folder, 'held');
  const allow = async (name: string) => {
    const clients = join(folder, `${name}.json`);
    await writeFile(clients, JSON.stringify({ clients: [{ name }] }));
    await writeFile(config, `clients: ${JSON.stringify(clients)}\n`);
  };
  await allow('desk-1');
  const env = { NODE_OPTIONS: `--import=${preload}`, HELD_LISTEN: held };
  const gate = await cluster(['--config', config], 2, { env });
  return Object.assign(gate, { allow, held });
}

/** What clients are answered who ask for a name, one after the other: the workers take turns. */
async function answersTo(gate: Gate, clientName: string): Promise<(string | number)[]> {
  const answers: (string | number)[] = [];
  for (let count = 0; count < 4; count += 1) {
    await using client = await lineClient(gate.port);
    const answer = await client.ask(registerRequest({ clientName }));
    answers.push((answer?.errorCode ?? answer?.messageName) as string | number);
  }
  return answers;
}

const all = (answer: string | number) => Array.from({ length: 4 }, () => answer);
const invalidClient = 2;

describe('a configuration that changes', () => {
  test('T82: while a worker starts is the one that this worker opens with', {
    timeout: 60_000,
  }, async () => {
    await using folder = await temporaryFolder();
    await using gate = await configuredGate(folder.path);
    await writeFile(gate.held, '');
    const [first = 0] = await workersOf(gate);
    process.kill(first, 'SIGKILL');
    await expect.poll(() => gate.stderr, { timeout: 30_000 }).toContain('a worker is held');

    await gate.allow('desk-2');
    await gate.event('reloaded');
    await rm(gate.held);
    await gate.event('worker-started');
    expect(await answersTo(gate, 'desk-1')).toEqual(all(invalidClient));
    expect(await answersTo(gate, 'desk-2')).toEqual(all('EventAck'));
  });

  test('T82: reaches a worker later that cannot take it now', { timeout: 60_000 }, async () => {
    await using folder = await temporaryFolder();
    await using gate = await configuredGate(folder.path);
    const [, second = 0] = await workersOf(gate);
    const files = await limitFiles(second, 10);
    await gate.allow('desk-2');
    expect(await gate.event('worker-reload-failed')).toMatchObject({ worker: second });
    await gate.event('reloaded');
    await limitFiles(second, files);
    await expect
      .poll(() => answersTo(gate, 'desk-1'), { timeout: 30_000 })
      .toEqual(all(invalidClient));
    expect(await answersTo(gate, 'desk-2')).toEqual(all('EventAck'));
  });
});
