import { randomUUID } from 'node:crypto';
import type { NatsBucket, StoredValue } from './nats-bucket.js';
import type { StoreTime } from './store-time.js';

/** The value of a lease, which the server removes when it has not been renewed for as long as the lease. */
export interface LeaseValue {
  /** The node. */
  readonly n: string;
  /** Numbers of names that it has taken from other incarnations. */
  readonly k?: Readonly<Record<string, number>>;
  /** It has ended: `left` by itself, or another gate has seen that it was gone. */
  readonly end?: 'left' | 'gone';
}

/** An incarnation of this process. */
export interface OwnLease {
  readonly incarnation: string;
  readonly node: string;
  /** The last revision of its lease that is known. */
  revision: number;
  /** When the last renewal that has succeeded was sent, on the monotonic clock; 0: unknown. */
  sent: number;
  /** Numbers of names that it has taken from other incarnations. */
  readonly taken: Map<string, number>;
}

const key = (incarnation: string) => `l.${incarnation}`;

/** At most this many ended incarnations are remembered. */
const maxEnded = 10_000;

/**
 * The leases of incarnations. A lease that has ended stays ended: a renewal needs the revision before it. Before a gate uses the end of
 * another lease, it writes a mark under the key of that lease, which succeeds only if there is no lease. So the decision is the server's,
 * whatever a read has returned, and a renewal that arrives later fails.
 */
export class NatsLeases {
  readonly #bucket: NatsBucket<LeaseValue>;
  readonly #lease: number;
  readonly #time: StoreTime;
  readonly #own = new Map<string, OwnLease>();
  readonly #ended = new Set<string>();

  constructor(bucket: NatsBucket<LeaseValue>, lease: number, time: StoreTime) {
    this.#bucket = bucket;
    this.#lease = lease;
    this.#time = time;
  }

  async join(node: string): Promise<OwnLease> {
    const incarnation = randomUUID().replaceAll('-', '');
    const sent = performance.now();
    const revision = await this.#write(incarnation, { n: node }, 0);
    if (revision === null) return this.join(node);
    const own = { incarnation, node, revision, sent, taken: new Map() };
    this.#own.set(incarnation, own);
    return own;
  }

  /** @returns null when it has ended */
  async renew(incarnation: string): Promise<OwnLease | null> {
    const own = await this.find(incarnation);
    if (!own) return null;
    const value = { n: own.node, k: Object.fromEntries(own.taken) };
    const sent = performance.now();
    const revision = await this.#write(incarnation, value, own.revision);
    if (revision !== null) return Object.assign(own, { revision, sent });
    // The answer to an earlier renewal may have been lost.
    const stored = await this.#bucket.get(key(incarnation));
    if (!stored || stored.value.end || stored.revision === own.revision) return null;
    own.revision = stored.revision;
    return this.renew(incarnation);
  }

  async leave(incarnation: string): Promise<void> {
    const { node = '', taken = new Map<string, number>() } = this.#own.get(incarnation) ?? {};
    const value: LeaseValue = { n: node, k: Object.fromEntries(taken), end: 'left' };
    await this.#bucket.put(key(incarnation), value, null);
    this.#own.delete(incarnation);
    this.#remember(incarnation);
  }

  /** @returns null when it has ended */
  async find(incarnation: string): Promise<OwnLease | null> {
    const known = this.#own.get(incarnation);
    if (known) return known;
    // Another object has joined with it.
    const stored = await this.#bucket.get(key(incarnation));
    if (!stored || stored.value.end) return null;
    const { n: node, k = {} } = stored.value;
    const taken = new Map(Object.entries(k));
    const own = { incarnation, node, revision: stored.revision, sent: 0, taken };
    this.#own.set(incarnation, own);
    return own;
  }

  isOwn(incarnation: string): boolean {
    return this.#own.has(incarnation);
  }

  /** Whether there is a reason to try: the clock of this process, or else the server. A grant is confirmed with `isLive` afterwards. */
  async mayBeLive({ incarnation, sent }: OwnLease): Promise<boolean> {
    const isRecent = sent > 0 && performance.now() - sent < this.#lease;
    return isRecent || (await this.isLive(incarnation));
  }

  /** Whether the server has a lease now. */
  async isLive(incarnation: string): Promise<boolean> {
    const stored = await this.#bucket.get(key(incarnation));
    return stored !== null && !stored.value.end;
  }

  /** Milliseconds until the lease ends; null when it has ended for ever. */
  async remaining(incarnation: string): Promise<number | null> {
    for (;;) {
      if (this.#ended.has(incarnation)) return null;
      const stored = await this.#bucket.get(key(incarnation));
      if (stored && !stored.value.end) return this.remainingOf(stored);
      const mark: LeaseValue = { n: '', end: 'gone' };
      if (stored || (await this.#bucket.put(key(incarnation), mark, 0)) !== null) {
        this.#remember(incarnation);
      }
    }
  }

  remainingOf({ time }: StoredValue<LeaseValue>): number {
    const remaining = Math.round(time / 1_000 + this.#lease - this.#time.now());
    return Math.min(this.#lease, Math.max(1, remaining));
  }

  /** All leases, also ended ones that still have a mark, by incarnation. */
  async scan(): Promise<Map<string, StoredValue<LeaseValue>>> {
    const stored = await this.#bucket.scan('l');
    return new Map(stored.map((one) => [one.key.slice(2), one]));
  }

  /** Also learns the time of the server. */
  async #write(incarnation: string, value: LeaseValue, expected: number): Promise<number | null> {
    const sent = performance.now();
    const revision = await this.#bucket.put(key(incarnation), value, expected);
    const stored = revision === null ? null : await this.#bucket.at(revision);
    if (stored) this.#time.set(sent, stored.time);
    return revision;
  }

  #remember(incarnation: string): void {
    if (this.#ended.size >= maxEnded) {
      for (const oldest of this.#ended) {
        this.#ended.delete(oldest);
        break;
      }
    }
    this.#ended.add(incarnation);
  }
}
