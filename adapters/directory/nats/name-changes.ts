import { setTimeout as delay } from 'node:timers/promises';
import type { NameStore } from './name-store.js';
import type { NameEntry, NameState } from './nats-names.js';

/** What a change makes of a name. */
export interface NameChange {
  /** Null: it stays as it is. */
  readonly entries: readonly NameEntry[] | null;
}

/** A name that other gates change this often during one change cannot be changed. */
const maxAttempts = 100;

/** Makes changes of names atomic: each is decided again when another gate has changed the name since it was read. */
export class NameChanges {
  readonly #store: NameStore;
  readonly #busy: () => Error;
  /** The last change of each name in this process, which the next one waits for: so only gates compete. */
  readonly #last = new Map<string, Promise<unknown>>();

  /** @param busy the error when a name changes too often */
  constructor(store: NameStore, busy: () => Error) {
    this.#store = store;
    this.#busy = busy;
  }

  /**
   * @param decide what to make of the name. @param after follows before the next change of the name in this process; `revision` is null
   * when nothing was changed. @param failed whether the name was changed is unknown
   */
  async change<C extends NameChange, R>(
    clientName: string,
    steps: {
      decide(state: NameState): C | Promise<C>;
      after(change: C, revision: number | null): R | Promise<R>;
      failed?(change: C): void;
    },
  ): Promise<R> {
    const before = this.#last.get(clientName);
    let resolve = () => {};
    const promise = new Promise<void>((done) => {
      resolve = done;
    });
    this.#last.set(clientName, promise);
    await before;
    try {
      for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
        const state = await this.#store.read(clientName);
        const change = await steps.decide(state);
        if (change.entries === null) return await steps.after(change, null);
        try {
          const revision = await this.#store.write(state, change.entries);
          if (revision !== null) return await steps.after(change, revision);
        } catch (error) {
          steps.failed?.(change);
          throw error;
        }
        await delay(Math.random() * Math.min(attempt, 20));
      }
      throw this.#busy();
    } finally {
      if (this.#last.get(clientName) === promise) this.#last.delete(clientName);
      resolve();
    }
  }
}
