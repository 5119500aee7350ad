/** A gate of several workers that has faults at random points of their lives, under load and with a reload in each round. */
import { rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import { temporaryFolder } from '../support/folder.js';
import { LineClient, lineClient, registerRequest } from '../support/line-client.js';
import {
  cluster,
  type Gate,
  limitFiles,
  metric,
  readiness,
  tooFewFiles,
  withAdmin,
  workersOf,
} from './running-cluster.js';

const preload = new URL('../support/held-worker.mjs', import.meta.url).href;
const workers = 2;
const names = Array.from({ length: 8 }, (_, index) => `desk-${index}`);
/** Connections that may be unregistered, over all workers. */
const unregisteredMax = 16;
/** Milliseconds until a client gives up that was not answered. */
const patience = 3_000;
/** More than any machine needs until the workers are back. */
const slow = { timeout: 90_000, interval: 100 };

/** What can happen to a worker. */
type Fault = 'kill' | 'kill twice' | 'stop' | 'hang' | 'no file descriptors' | 'slow start';
/** `hang` lasts as long as the heartbeats allow, ten seconds and more. */
const quickFaults: readonly Fault[] = [
  'kill',
  'kill twice',
  'stop',
  'no file descriptors',
  'slow start',
];
const faults: readonly Fault[] = [...quickFaults, ...quickFaults, 'hang'];

type Folder = Awaited<ReturnType<typeof temporaryFolder>>;

export class FaultyCluster implements AsyncDisposable {
  readonly #folder: Folder;
  readonly #gate: Gate;
  readonly #random: () => number;
  #version = 0;
  /** Registrations that clients saw acknowledged. */
  acknowledged = 0;
  /** How often there was each fault. */
  readonly counts: Partial<Record<Fault, number>> = {};

  /** @param random from 0 up to and without 1; the same numbers make the same faults */
  static async open(random: () => number): Promise<FaultyCluster> {
    const folder = await temporaryFolder();
    await configure(folder.path, 0);
    const env = { NODE_OPTIONS: `--import=${preload}`, HELD_LISTEN: join(folder.path, 'held') };
    const limit = ['--max-unregistered', `${unregisteredMax}:100:${unregisteredMax}`];
    const config = ['--config', join(folder.path, 'ixgate.yaml')];
    const gate = await cluster([...withAdmin, ...config, ...limit], workers, { env });
    return new FaultyCluster(folder, gate, random);
  }

  private constructor(folder: Folder, gate: Gate, random: () => number) {
    this.#folder = folder;
    this.#gate = gate;
    this.#random = random;
  }

  /** One fault, or one of those that are over soon, with its load and its reload. All is right afterwards. */
  async round(isQuick: boolean): Promise<void> {
    const fault = this.#oneOf(isQuick ? quickFaults : faults);
    this.counts[fault] = (this.counts[fault] ?? 0) + 1;
    const ended = new AbortController();
    const load = Array.from({ length: 6 }, () => this.#comeAndGo(ended.signal));
    // A primary without file descriptors cannot read its configuration.
    if (fault === 'no file descriptors') {
      await this.#inject(fault);
      await this.#reload();
    } else await Promise.all([this.#inject(fault), this.#reload()]);
    await this.#isReady();
    ended.abort();
    await Promise.all(load);
    await this.#isRight();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#gate[Symbol.asyncDispose]();
    await this.#folder[Symbol.asyncDispose]();
  }

  async #inject(fault: Fault): Promise<void> {
    const primary = this.#gate.child.pid ?? 0;
    const held = join(this.#folder.path, 'held');
    await this.#wait(300);
    const before = await workersOf(this.#gate);
    const victim = this.#oneOf(before);
    switch (fault) {
      case 'kill':
        await this.#kill(victim);
        break;
      case 'kill twice': {
        await this.#kill(victim);
        const next = await this.#workerAfter(before);
        await this.#wait(1_000);
        await this.#kill(next);
        break;
      }
      case 'stop':
        kill(victim, 'SIGSTOP');
        await this.#wait(2_000);
        kill(victim, 'SIGCONT');
        break;
      case 'hang':
        kill(victim, 'SIGSTOP');
        await this.#isGone(victim);
        break;
      case 'slow start':
        await writeFile(held, '');
        await this.#kill(victim);
        await this.#workerAfter(before);
        await this.#wait(2_000);
        await rm(held);
        break;
      case 'no file descriptors': {
        const files = await limitFiles(primary, await tooFewFiles(primary));
        await this.#kill(victim);
        await this.#wait(2_000);
        await limitFiles(primary, files);
        break;
      }
    }
  }

  async #kill(pid: number): Promise<void> {
    kill(pid, 'SIGKILL');
    await this.#isGone(pid);
  }

  async #isGone(pid: number): Promise<void> {
    await expect.poll(() => workersOf(this.#gate), slow).not.toContain(pid);
  }

  /** Takes one name from the list of clients, and adds another. */
  async #reload(): Promise<void> {
    await this.#wait(1_500);
    this.#version += 1;
    await configure(this.#folder.path, this.#version);
    await this.#gate.event('reloaded');
  }

  /** The process that takes the place of a worker. */
  async #workerAfter(before: readonly number[]): Promise<number> {
    const news = async () => (await workersOf(this.#gate)).filter((pid) => !before.includes(pid));
    let [next] = await news();
    while (next === undefined) [next] = await news();
    return next;
  }

  /** Registers under one name after the other, some of them in use, and leaves. */
  async #comeAndGo(ended: AbortSignal): Promise<void> {
    while (!ended.aborted) {
      const socket = connect(this.#gate.port, '127.0.0.1');
      await using client = new LineClient(socket);
      // Sent with the connect: a worker may die before it has told of the session.
      const asked = client.ask(registerRequest({ clientName: this.#oneOf(names) }));
      const answer = await Promise.race([asked, pause(patience, null, { ref: false })]);
      if (answer?.messageName === 'EventAck') this.acknowledged += 1;
      await this.#wait(50);
    }
  }

  async #isReady(): Promise<void> {
    await expect
      .poll(async () => [await readiness(this.#gate), await metric(this.#gate, 'ixgate_workers')], {
        ...slow,
      })
      .toEqual([{ status: 'ready' }, workers]);
  }

  /** No client is there. */
  async #isRight(): Promise<void> {
    await this.#hasSessions(0, 0);
    expect(await this.#undecided()).toBe(0);
    await this.#hasNames();
    await this.#hasSessions(0, 0);
    await this.#countsUnregistered();
    await this.#hasSessions(0, 0);
    expect(await readiness(this.#gate)).toEqual({ status: 'ready' });
  }

  /** Each name is free, and can be had once. The newest configuration holds in all workers. */
  async #hasNames(): Promise<void> {
    const clients: LineClient[] = [];
    const ask = async (clientName: string) => {
      const client = await this.#connect(clients);
      const answer = await client.ask(registerRequest({ clientName }));
      return answer?.errorCode ?? answer?.messageName;
    };
    expect(await Promise.all(names.map(ask))).toEqual(names.map(() => 'EventAck'));
    await this.#hasSessions(names.length, 0);
    expect(await Promise.all(names.map(ask))).toEqual(names.map(() => 9));
    // One after the other: the workers take turns.
    for (let time = 0; time < 2 * workers; time += 1) {
      expect(await ask(`only-${this.#version}`)).toBe('EventAck');
      expect(await ask(`only-${this.#version - 1}`)).toBe(2);
    }
    for (const { socket } of clients) socket.destroy();
  }

  /** The limit of all workers together is met exactly: none of them counts a connection too many or too few. */
  async #countsUnregistered(): Promise<void> {
    const clients: LineClient[] = [];
    for (let count = 1; count <= unregisteredMax; count += 1) {
      await this.#connect(clients);
      await this.#hasSessions(0, count);
    }
    for (let time = 0; time < workers; time += 1) {
      const client = await this.#connect(clients);
      expect(await client.next()).toMatchObject({ messageName: 'EventError', errorCode: 6 });
    }
    for (const { socket } of clients) socket.destroy();
  }

  async #connect(clients: LineClient[]): Promise<LineClient> {
    const client = await lineClient(this.#gate.port);
    clients.push(client);
    return client;
  }

  async #hasSessions(registered: number, unregistered: number): Promise<void> {
    const state = (name: string) => metric(this.#gate, `ixgate_connections{state="${name}"}`);
    const sessions = async () => {
      const answer = await fetch(`${this.#gate.admin}/sessions`);
      return ((await answer.json()) as { count: number }).count;
    };
    await expect
      .poll(
        async () => [await state('registered'), await state('unregistered'), await sessions()],
        slow,
      )
      .toEqual([registered, unregistered, registered + unregistered]);
  }

  /** Connections that were accepted and have no outcome. */
  async #undecided(): Promise<number> {
    const text = await fetch(`${this.#gate.admin}/metrics`).then((answer) => answer.text());
    const outcomes = [...text.matchAll(/^ixgate_connections_total\{.*\} (\d+)$/gm)];
    const decided = outcomes.reduce((sum, [, count]) => sum + Number(count), 0);
    return (await metric(this.#gate, 'ixgate_connections_accepted_total')) - decided;
  }

  #oneOf<Item>(items: readonly Item[]): Item {
    return items[Math.floor(this.#random() * items.length)] as Item;
  }

  /** A random time, at most `ms` milliseconds. */
  #wait(ms: number): Promise<void> {
    return pause(this.#random() * ms);
  }
}

/** Writes the configuration of a version, with a list of clients that has a name of its own. */
async function configure(folder: string, version: number): Promise<void> {
  const path = join(folder, `clients-${version}.json`);
  const listed = names.map((name) => ({ name, cap: 1 }));
  await writeFile(path, JSON.stringify({ clients: [...listed, { name: `only-${version}` }] }));
  await writeFile(join(folder, 'ixgate.yaml'), `clients: ${JSON.stringify(path)}\n`);
}

/** The worker may have ended by itself. */
function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {}
}
