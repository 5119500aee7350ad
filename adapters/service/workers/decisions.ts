import { setTimeout as delay } from 'node:timers/promises';
import type { PrefixLengths } from '../../server/index.js';
import { type Ban, Bans, type ListedPenalty, sourceOf } from '../../server/limits/index.js';
import { longestPenalties } from '../penalties.js';
import type { Decision, FromWorker } from './messages.js';
import type { WorkerProcess } from './worker-process.js';

/** Milliseconds that a list of penalties waits for a worker that does not answer. */
const answerTimeout = 1_000;

/** The decisions of operators, which all workers obey, also those that start later. */
export class Decisions {
  readonly bans = new Bans(() => performance.now());
  readonly #workers: () => readonly WorkerProcess[];
  readonly #prefixLengths: () => PrefixLengths;
  #isDraining = false;
  #asked = 0;
  readonly #waiting = new Map<number, (penalties: readonly ListedPenalty[]) => void>();

  constructor(workers: () => readonly WorkerProcess[], prefixLengths: () => PrefixLengths) {
    this.#workers = workers;
    this.#prefixLengths = prefixLengths;
  }

  get isDraining(): boolean {
    return this.#isDraining;
  }

  set isDraining(isDraining: boolean) {
    this.#isDraining = isDraining;
    this.#send({ what: 'draining', isDraining });
  }

  /** @throws as `Bans` does */
  ban(source: string, duration: number | null): Ban {
    const ban = this.bans.add(source, duration);
    this.#send({ what: 'ban', ban });
    return ban;
  }

  /** @throws as `Bans` does */
  unban(source: string): boolean {
    const wasBanned = this.bans.remove(source);
    if (wasBanned) this.#send({ what: 'unban', source });
    return wasBanned;
  }

  /** What a new worker must know. */
  all(): Decision[] {
    return [
      { what: 'draining', isDraining: this.#isDraining },
      ...this.bans.list().map((ban): Decision => ({ what: 'ban', ban })),
    ];
  }

  /** Each worker knows the violations of all since its own start, so the longest penalty of an address counts. */
  async penalties(): Promise<ListedPenalty[]> {
    const lists = await Promise.all(this.#workers().map((worker) => this.#penaltiesOf(worker)));
    return longestPenalties(lists);
  }

  async clearPenalties(address: string | null): Promise<number> {
    const known = await this.penalties();
    this.#send({ what: 'clear-penalties', address });
    if (address === null) return known.length;
    const source = sourceOf(address, this.#prefixLengths()).address;
    return known.filter((one) => one.source === source).length;
  }

  /** A worker has answered. */
  answered({ id, penalties }: Extract<FromWorker, { type: 'penalties' }>): void {
    this.#waiting.get(id)?.(penalties);
  }

  async #penaltiesOf(worker: WorkerProcess): Promise<readonly ListedPenalty[]> {
    this.#asked += 1;
    const id = this.#asked;
    const answer = new Promise<readonly ListedPenalty[]>((resolve) => {
      this.#waiting.set(id, resolve);
    });
    worker.send({ type: 'penalties', id });
    const late = delay(answerTimeout, [], { ref: false });
    try {
      return await Promise.race([answer, late]);
    } finally {
      this.#waiting.delete(id);
    }
  }

  #send(decision: Decision): void {
    for (const worker of this.#workers()) worker.send({ type: 'decision', decision });
  }
}
