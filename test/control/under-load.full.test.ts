import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { createClient, type GateClient } from '../../adapters/client/index.js';
import { ixgate, serving } from '../cli/ixgate.js';
import { temporaryFolder } from '../support/folder.js';
import { lineClient, registerRequest } from '../support/line-client.js';

const clients = 200;

/** Clients that send one request after the other until `stop`. */
class Load {
  readonly clients: GateClient[];
  readonly faults: string[] = [];
  answered = 0;
  #isOver = false;
  #loops: Promise<void>[] = [];

  constructor(endpoint: string) {
    this.clients = Array.from({ length: clients }, (_, index) =>
      createClient({
        ...{ endpoints: endpoint, clientName: `desk-${index}`, clientType: 'AgentApplication' },
        reconnect: false,
        requestTimeout: 30_000,
      }),
    );
  }

  async start(): Promise<void> {
    await Promise.all(this.clients.map(({ registered }) => registered));
    for (const client of this.clients) {
      client.on('disconnected', (reason) => this.#fault(`disconnected ${reason}`));
      client.on('event', ({ messageName }) => this.#fault(`event ${messageName}`));
    }
    this.#loops = this.clients.map((client) => this.#ask(client));
  }

  /** Resolves when each client has had about one more answer. */
  async more(): Promise<void> {
    const wanted = this.answered + clients;
    while (this.answered < wanted) await delay(5);
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#loops);
    await Promise.all(this.clients.map((client) => client.close()));
  }

  async #ask(client: GateClient): Promise<void> {
    for (let count = 0; !this.#isOver; count += 1) {
      try {
        const answer = await client.request({ messageName: 'RequestX', count });
        if (answer.messageName !== 'EventAck') this.#fault(`answer ${answer.messageName}`);
        this.answered += 1;
        await delay(20);
      } catch (error) {
        return this.#fault((error as Error).message);
      }
    }
  }

  #fault(what: string): void {
    if (!this.#isOver) this.faults.push(what);
  }
}

describe.each([1, 2])(
  'on a gate with %i workers and 200 clients that send all the time',
  (workers) => {
    test('a kick, a drain that is taken back, a reloaded list, a log level and a ban are not noticed by any other client', async () => {
      await using folder = await temporaryFolder();
      const list = join(folder.path, 'clients.json');
      await writeFile(
        list,
        JSON.stringify({ clients: [{ pattern: 'desk-*' }, { pattern: 'victim-*' }] }),
      );
      const control = `unix://${join(folder.path, 'ctl')}`;
      const ctl = async (...words: string[]) => {
        const { code, stdout, stderr } = await ixgate([
          'ctl',
          ...words,
          '--json',
          '--control',
          control,
        ]);
        expect(stderr).toBe('');
        expect(code).toBe(0);
        return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Record<string, unknown>;
      };
      await using gate = await serving([
        '--control',
        control,
        '--clients',
        list,
        '--disconnect-removed',
        '--workers',
        String(workers),
      ]);
      const victims = await Promise.all(
        Array.from({ length: 20 }, async (_, index) => {
          const client = await lineClient(gate.port);
          await client.ask(registerRequest({ clientName: `victim-${index}` }));
          return client;
        }),
      );
      const load = new Load(gate.endpoint);
      await load.start();
      await load.more();

      expect(await ctl('kick', '--where', 'client~victim-', '--retry-after', '1m')).toMatchObject({
        kicked: 20,
      });
      for (const victim of victims) {
        expect(await victim.next()).toMatchObject({ errorCode: 14, retryAfter: 60_000 });
        expect(await victim.next()).toBeNull();
      }
      await load.more();
      expect(await ctl('drain')).toMatchObject({ draining: true });
      await using late = await lineClient(gate.port);
      expect(await late.next()).toMatchObject({ errorCode: 7 });
      await load.more();
      await ctl('resume');
      await using next = await lineClient(gate.port);
      expect(await next.ask(registerRequest({ clientName: 'desk-x' }))).toMatchObject({
        messageName: 'EventAck',
      });
      await writeFile(list, JSON.stringify({ clients: [{ pattern: 'desk-*' }] }));
      await ctl('reload');
      await using refused = await lineClient(gate.port);
      expect(await refused.ask(registerRequest({ clientName: 'victim-1' }))).toMatchObject({
        errorCode: 2,
      });
      await load.more();
      expect(await ctl('log-level', 'warn')).toMatchObject({ level: 'warn' });
      expect(await ctl('set', 'maxErrors=3')).toMatchObject({
        changed: { maxErrors: { to: '3' } },
      });
      await ctl('ban', '192.0.2.0/24');
      await load.more();

      expect(await ctl('sessions', '--where', 'client~desk-', '--limit', '1')).toMatchObject({
        count: clients + 1,
      });
      expect(load.faults).toEqual([]);
      expect(load.answered).toBeGreaterThan(5 * clients);
      console.info(`${workers} workers: ${load.answered} requests answered, none lost`);
      await load.stop();
      gate.kill('SIGTERM');
      expect(await gate.ended).toBe(0);
    }, 120_000);
  },
);

test('a worker that starts again knows the drain and the bans', async () => {
  await using folder = await temporaryFolder();
  const control = `unix://${join(folder.path, 'ctl')}`;
  await using gate = await serving(['--control', control, '--workers', '2', '--exempt', 'none']);
  const ctl = async (...words: string[]) =>
    JSON.parse((await ixgate(['ctl', ...words, '--json', '--control', control])).stdout) as Record<
      string,
      unknown
    >;
  const answers = () =>
    Promise.all(
      Array.from({ length: 12 }, async () => {
        await using client = await lineClient(gate.port);
        const line = await Promise.race([client.next(), delay(500, null)]);
        return line?.errorDescription ?? 'accepted';
      }),
    );
  // The address gets a penalty, which any worker lists.
  for (let count = 0; count < 4; count += 1) {
    await using bad = await lineClient(gate.port);
    bad.say('{]\n');
    await bad.ended;
  }
  await expect.poll(async () => (await ctl('penalties')).count).toBe(1);
  expect(await ctl('penalties', '--clear', 'all')).toEqual({ cleared: 1 });
  await expect.poll(async () => (await ctl('penalties')).count).toBe(0);
  await ctl('drain');
  expect(new Set(await answers())).toEqual(new Set(['the gate is draining']));
  await ctl('ban', '127.0.0.1', '--for', '10m');
  const killed = await killWorker(gate.child.pid ?? 0);
  await gate.event('worker-died');
  await gate.event('worker-started');
  expect(killed).toBeGreaterThan(0);
  expect(new Set(await answers())).toEqual(new Set(['the gate is draining']));
  await ctl('resume');
  expect(new Set(await answers())).toEqual(new Set(['the address is banned']));
  await ctl('unban', '127.0.0.1');
  expect(new Set(await answers())).toEqual(new Set(['accepted']));
}, 120_000);

/** Kills the first worker of a gate. @returns its process id */
async function killWorker(parent: number): Promise<number> {
  const { spawn } = await import('node:child_process');
  const ps = spawn('ps', ['-o', 'pid=', '--ppid', String(parent)]);
  let text = '';
  ps.stdout.setEncoding('utf8').on('data', (more: string) => {
    text += more;
  });
  await once(ps, 'close');
  const pid = Number(text.trim().split('\n')[0]);
  process.kill(pid, 'SIGKILL');
  return pid;
}
