/** A gate of several workers that has faults at random points of their lives, under load and with a reload in each round. */
import { rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import { mulberry32 } from '../../server/limits/door.js';
import { temporaryFolder } from '../../support/folder.js';
import { LineClient, lineClient, registerRequest } from '../../support/line-client.js';
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

const preload = new URL('../../support/held-worker.mjs', import.meta.url).href;
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
  /** The clients have their own: how many numbers they need is a matter of time. */
  readonly #clientRandom: () => number;
  #faults: Fault[] = [];
  #version = 0;
  /** Registrations that clients saw acknowledged. */
  acknowledged = 0;
  /** How often there was each fault. */
  readonly counts: Partial<Record<Fault, number>> = {};

  /** @param seed the same makes the same faults, at the same times after the clients have begun */
  static async open(seed: number): Promise<FaultyCluster> {
    const folder = await temporaryFolder();
    await configure(folder.path, 0);
    const env = { NODE_OPTIONS: `--import=${preload}`, HELD_LISTEN: join(folder.path, 'held') };
    const limit = ['--max-unregistered', `${unregisteredMax}:100:${unregisteredMax}`];
    const config = ['--config', join(folder.path, 'ixgate.yaml')];
    const gate = await cluster([...withAdmin, ...config, ...limit], workers, { env });
    return new FaultyCluster(folder, gate, seed);
  }

  private constructor(folder: Folder, gate: Gate, seed: number) {
    this.#folder = folder;
    this.#gate = gate;
    this.#random = mulberry32(seed);
    this.#clientRandom = mulberry32(seed + 1);
  }

  /** One fault, or one of those that are over soon, with its load and its reload. All is right afterwards. */
  async round(isQuick: boolean): Promise<void> {
    if (this.#faults.length === 0) this.#faults = [...(isQuick ? quickFaults : faults)];
    const fault = this.#oneOf(this.#faults);
    this.#faults.splice(this.#faults.indexOf(fault), 1);
    this.counts[fault] = (this.counts[fault] ?? 0) + 1;
    const ended = new AbortController();
    const load = Array.from({ length: 6 }, () => this.#comeAndGo(ended.signal));
    await this.#inject(fault);
    await this.#isReady();
    ended.abort();
    await Promise.all(load);
    await this.#isRight();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#gate[Symbol.asyncDispose]();
    await this.#folder[Symbol.asyncDispose]();
  }

  /** The fault, and a reload at the same time. */
  async #inject(fault: Fault): Promise<void> {
    await this.#wait(300);
    const before = await workersOf(this.#gate);
    const victim = this.#oneOf(before);
    if (fault === 'slow start') await this.#startSlowly(victim);
    else if (fault === 'no file descriptors') await this.#exhaustFiles(victim);
    else await Promise.all([this.#harm(victim, fault, before), this.#reload()]);
  }

  async #harm(
    victim: number,
    fault: 'kill' | 'kill twice' | 'stop' | 'hang',
    before: readonly number[],
  ): Promise<void> {
    if (fault === 'kill' || fault === 'kill twice') await this.#kill(victim);
    else kill(victim, 'SIGSTOP');
    if (fault === 'stop') {
      await this.#wait(2_000);
      kill(victim, 'SIGCONT');
    } else if (fault === 'hang') await this.#isGone(victim);
    else if (fault === 'kill twice') {
      const next = await this.#workerAfter(before);
      await this.#wait(1_000);
      await this.#kill(next);
    }
  }

  /** The new worker has its configuration and does not listen yet when that changes. */
  async #startSlowly(victim: number): Promise<void> {
    const held = join(this.#folder.path, 'held');
    const holds = () => this.#gate.stderr.split('a worker is held').length;
    const holdsBefore = holds();
    await writeFile(held, '');
    await this.#kill(victim);
    await expect.poll(holds, slow).toBeGreaterThan(holdsBefore);
    await this.#reload();
    await rm(held);
  }

  /** The worker is not replaced for a while. The configuration changes later: a primary without file descriptors cannot read it. */
  async #exhaustFiles(victim: number): Promise<void> {
    const primary = this.#gate.child.pid ?? 0;
    const files = await limitFiles(primary, await tooFewFiles(primary));
    await this.#kill(victim);
    await this.#wait(2_000);
    await limitFiles(primary, files);
    await this.#reload();
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
      // Sent with the connect: a worker may die before it has reported the session.
      const asked = client.ask(
        registerRequest({ clientName: this.#oneOf(names, this.#clientRandom) }),
      );
      const answer = await Promise.race([asked, pause(patience, null, { ref: false })]);
      if (answer?.messageName === 'EventAck') this.acknowledged += 1;
      await pause(this.#clientRandom() * 50);
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
    // What one worker counts the other knows a moment later.
    await expect
      .poll(async () => {
        const answers: unknown[] = [];
        for (let time = 0; time < workers; time += 1) {
          await using client = await lineClient(this.#gate.port);
          const answer = await Promise.race([client.next(), pause(1_000, null, { ref: false })]);
          answers.push(answer?.errorCode);
        }
        return answers;
      }, slow)
      .toEqual([6, 6]);
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
    const outcomes = [...text.matchAll(/^ixgate_connection_outcomes_total\{.*\} (\d+)$/gm)];
    const decided = outcomes.reduce((sum, [, count]) => sum + Number(count), 0);
    return (await metric(this.#gate, 'ixgate_connections_accepted_total')) - decided;
  }

  #oneOf<Item>(items: readonly Item[], random = this.#random): Item {
    return items[Math.floor(random() * items.length)] as Item;
  }

  /** A random time, at most `ms` milliseconds. */
  #wait(ms: number): Promise<void> {
    return pause(this.#random() * ms);
  }
}

/** Writes the configuration of a version, with a separately named list of clients. */
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
