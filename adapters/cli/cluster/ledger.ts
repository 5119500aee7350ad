import type { AdmissionChange } from '../../server/limits/index.js';

/**
 * The connections that one worker counts, so that the others can count them too, and stop when it has died. What sources used up and
 * what they serve is not taken back: that is over by itself.
 */
export class Ledger {
  readonly #unregistered = new Map<string, number>();
  #open = 0;
  #sum = 0;

  /** Connections that are there. */
  get open(): number {
    return this.#open;
  }

  /** Those among them that are not registered. */
  get unregistered(): number {
    return this.#sum;
  }

  /** Takes in what the worker has counted. */
  add(changes: readonly AdmissionChange[]): void {
    for (const [what, remoteAddress] of changes) {
      if (what === 'entered') {
        this.#open += 1;
        this.#change(remoteAddress, 1);
      } else if (what === 'registered') this.#change(remoteAddress, -1);
      else if (what === 'left') this.#open -= 1;
    }
  }

  /** What brings a worker that is new to where those are that know of these connections. */
  entered(): AdmissionChange[] {
    const unregistered = this.#each('entered');
    const registered = this.#open - unregistered.length;
    return [
      ...unregistered,
      ...Array.from({ length: registered }).flatMap((): AdmissionChange[] => [
        ['entered', ''],
        ['registered', ''],
      ]),
    ];
  }

  /** What has the others count them no more. */
  gone(): AdmissionChange[] {
    const left = Array.from({ length: this.#open }, (): AdmissionChange => ['left', '']);
    return [...this.#each('registered'), ...left];
  }

  #each(what: 'entered' | 'registered'): AdmissionChange[] {
    return [...this.#unregistered].flatMap(([remoteAddress, count]) =>
      Array.from({ length: count }, (): AdmissionChange => [what, remoteAddress]),
    );
  }

  #change(remoteAddress: string, by: number): void {
    this.#sum += by;
    const count = (this.#unregistered.get(remoteAddress) ?? 0) + by;
    if (count > 0) this.#unregistered.set(remoteAddress, count);
    else this.#unregistered.delete(remoteAddress);
  }
}
