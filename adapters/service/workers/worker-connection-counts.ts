import { type AdmissionChange, Counts } from '../../server/limits/index.js';

/**
 * The connections of one worker, so that the other workers can count them, and stop counting them when it dies. Used tokens and
 * penalties of sources are not taken back: they expire.
 */
export class WorkerConnectionCounts {
  readonly #unregistered = new Counts();
  readonly #registered = new Counts();

  /** Open connections. */
  get open(): number {
    return this.#unregistered.sum + this.#registered.sum;
  }

  /** Unregistered connections. */
  get unregistered(): number {
    return this.#unregistered.sum;
  }

  /** Applies changes that the worker counted. */
  add(changes: readonly AdmissionChange[]): void {
    for (const [what, remoteAddress] of changes) {
      if (what === 'entered') this.#unregistered.add(remoteAddress);
      else if (what === 'left') this.#registered.remove(remoteAddress);
      else if (what === 'registered') {
        this.#unregistered.remove(remoteAddress);
        this.#registered.add(remoteAddress);
      }
    }
  }

  /** The changes with which a new worker counts these connections. */
  entered(): AdmissionChange[] {
    return [
      ...changesOf(this.#unregistered, 'entered'),
      ...changesOf(this.#registered, 'entered', 'registered'),
    ];
  }

  /** The changes with which the other workers stop counting these connections. */
  gone(): AdmissionChange[] {
    return [
      ...changesOf(this.#unregistered, 'registered', 'left'),
      ...changesOf(this.#registered, 'left'),
    ];
  }
}

/** Each of these changes, in this order, for every connection counted. */
function changesOf(
  counts: Counts,
  ...whats: readonly ('entered' | 'registered' | 'left')[]
): AdmissionChange[] {
  return [...counts].flatMap(([remoteAddress, count]) =>
    Array.from({ length: count }).flatMap(() =>
      whats.map((what): AdmissionChange => [what, remoteAddress]),
    ),
  );
}
