import { type AdmissionChange, Counts } from '../../server/limits/index.js';

/**
 * The connections that one worker counts, so that the others can count them too, and stop when it has died. What sources used up and
 * what they serve is not taken back: that is over by itself.
 */
export class WorkerConnectionCounts {
  readonly #unregistered = new Counts();
  readonly #registered = new Counts();

  /** Connections that are there. */
  get open(): number {
    return this.#unregistered.sum + this.#registered.sum;
  }

  /** Those among them that are not registered. */
  get unregistered(): number {
    return this.#unregistered.sum;
  }

  /** Takes in what the worker has counted. */
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

  /** The changes that make a new worker count these connections. */
  entered(): AdmissionChange[] {
    return [
      ...changesOf(this.#unregistered, 'entered'),
      ...changesOf(this.#registered, 'entered', 'registered'),
    ];
  }

  /** The changes that make the other workers forget these connections. */
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
