/** Checks what gates have recorded of the names that they granted: the grants and ends of real runs, in order of time. */

/** A step of a recording about a session that holds a name. */
export interface HistoryEvent {
  readonly name: string;
  readonly session: string;
  readonly node: string;
  /** Wall clock of the gate, milliseconds since 1970. */
  readonly at: number;
  /** Where it was recorded: `file:line`. */
  readonly place: string;
}

export interface HistoryGrant extends HistoryEvent {
  readonly epoch: number;
}

export interface HistoryOptions {
  /** Maximum number of sessions of a name; 1 or more. */
  readonly cap: number;
  readonly policy: 'reject' | 'takeover';
  /** With `takeover`: milliseconds for which a name may have more sessions than its cap. */
  readonly maxOverlap: number;
  /** Milliseconds by which the clocks of gates may differ. */
  readonly maxClockDifference: number;
}

/** Two grants that contradict each other. */
export interface HistoryViolation {
  readonly type: 'epoch-twice' | 'epoch-backwards' | 'overlap';
  readonly name: string;
  /** The earlier and the later grant. */
  readonly first: HistoryGrant;
  readonly second: HistoryGrant;
  /** For an overlap: how long it lasted in milliseconds, without the difference of clocks; else null. */
  readonly duration: number | null;
}

/** More sessions of a name than its cap, allowed by the policy. */
export type HistoryOverlap = Omit<HistoryViolation, 'type'>;

/** Grants of a name that are kept for comparison after their sessions have ended. */
const remembered = 32;

interface NameHistory {
  /** The newest grants, in order. */
  grants: HistoryGrant[];
  /** The grant with the highest epoch. */
  highest: HistoryGrant;
  /** By session. */
  readonly active: Map<string, HistoryGrant>;
  /** Since when there are more sessions than the cap. */
  excess: { readonly first: HistoryGrant; readonly second: HistoryGrant } | null;
}

/** Takes grants and ends in order of time. Memory is bounded for each name. */
export class HistoryChecker {
  readonly #options: HistoryOptions;
  readonly #names = new Map<string, NameHistory>();
  readonly #onViolation: (violation: HistoryViolation) => void;
  readonly #onOverlap: (overlap: HistoryOverlap) => void;

  /** @param onOverlap called with overlaps that the policy allows */
  constructor(
    options: HistoryOptions,
    onViolation: (violation: HistoryViolation) => void,
    onOverlap: (overlap: HistoryOverlap) => void = () => {},
  ) {
    this.#options = options;
    this.#onViolation = onViolation;
    this.#onOverlap = onOverlap;
  }

  /** Number of names that were granted. */
  get names(): number {
    return this.#names.size;
  }

  grant(grant: HistoryGrant): void {
    const { name, session, epoch } = grant;
    const known = this.#names.get(name);
    if (!known) {
      const active = new Map([[session, grant]]);
      this.#names.set(name, { grants: [grant], highest: grant, active, excess: null });
      return;
    }
    const same = known.grants.find((one) => one.epoch === epoch && one.session !== session);
    const duration = null;
    if (same) {
      this.#onViolation({ type: 'epoch-twice', name, first: same, second: grant, duration });
    } else if (epoch < known.highest.epoch && this.#isLater(grant, known.highest)) {
      const first = known.highest;
      this.#onViolation({ type: 'epoch-backwards', name, first, second: grant, duration });
    }
    known.grants = [...known.grants, grant].slice(-remembered);
    if (epoch > known.highest.epoch) known.highest = grant;
    const [first] = known.active.values();
    known.active.set(session, grant);
    if (known.active.size > this.#options.cap && first) {
      known.excess ??= { first, second: grant };
    }
  }

  /** The session of a grant is over, or its recording ends. */
  end({ name, session, at }: HistoryEvent): void {
    const known = this.#names.get(name);
    if (!known?.active.delete(session) || known.active.size > this.#options.cap) return;
    const { excess } = known;
    known.excess = null;
    if (!excess) return;
    const { first, second } = excess;
    const duration = at - second.at - this.#differenceOf(first, second);
    if (duration <= 0) return;
    const isAllowed = this.#options.policy === 'takeover' && duration <= this.#options.maxOverlap;
    if (isAllowed) this.#onOverlap({ name, first, second, duration });
    else this.#onViolation({ type: 'overlap', name, first, second, duration });
  }

  #isLater(one: HistoryGrant, other: HistoryGrant): boolean {
    return one.at - other.at > this.#differenceOf(one, other);
  }

  #differenceOf(one: HistoryGrant, other: HistoryGrant): number {
    return one.node === other.node ? 0 : this.#options.maxClockDifference;
  }
}
