import type { MemberClaimOutcome } from '../../directory/member.js';
import type { SharedNames } from '../../server/shared-names.js';
import type { FromWorker } from './messages.js';

/** The names of a worker's sessions, which the primary process claims. */
export class WorkerNames implements SharedNames {
  node: string | null = null;
  readonly #send: (message: FromWorker) => void;
  readonly #waiting = new Map<number, (outcome: MemberClaimOutcome) => void>();
  #count = 0;

  constructor(send: (message: FromWorker) => void) {
    this.#send = send;
  }

  claim(session: string, clientName: string, cap: number): Promise<MemberClaimOutcome> {
    this.#count += 1;
    const id = this.#count;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#send({ type: 'claim', id, session, clientName, cap });
    });
  }

  /** The primary process has answered a claim. */
  answered(id: number, outcome: MemberClaimOutcome): void {
    this.#waiting.get(id)?.(outcome);
    this.#waiting.delete(id);
  }

  release({ id }: { readonly id: string }): void {
    this.#send({ type: 'release', session: id });
  }

  /** The primary process has the leases. */
  checkLeases(): void {}

  /** A name that was granted while the store was lost has none. */
  epochOf(): null {
    return null;
  }
}
