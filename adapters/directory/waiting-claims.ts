/** A claim that waits for its answer. */
export interface WaitingClaim {
  /** The epoch of a kick that came before the answer. */
  kicked: number | null;
  /** Resolves when the answer was handled. */
  readonly ended: Promise<void>;
}

/** The claims that wait for their answers, by session. */
export class WaitingClaims {
  #claims = new Map<string, WaitingClaim>();

  has(session: string): boolean {
    return this.#claims.has(session);
  }

  get(session: string): WaitingClaim | undefined {
    return this.#claims.get(session);
  }

  /** The claims that wait now. */
  copy(): ReadonlyMap<string, WaitingClaim> {
    return new Map(this.#claims);
  }

  /** Runs a claim of a session, and notes a kick that comes before the answer. */
  async run<Result>(
    session: string,
    claim: (waiting: WaitingClaim) => Promise<Result>,
  ): Promise<Result> {
    let end = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const waiting: WaitingClaim = { kicked: null, ended };
    this.#claims.set(session, waiting);
    try {
      return await claim(waiting);
    } finally {
      if (this.#claims.get(session) === waiting) this.#claims.delete(session);
      end();
    }
  }
}
