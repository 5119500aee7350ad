import type { NameStore } from './name-store.js';
import type { NatsBucket } from './nats-bucket.js';
import type { NatsChannel } from './nats-channel.js';
import type { NatsLeases, OwnLease } from './nats-leases.js';

/** The value of an incarnation: its node. It has no time limit: it is removed when the incarnation was swept or has left. */
export interface MemberValue {
  readonly n: string;
}

const key = (incarnation: string) => `i.${incarnation}`;

/** The incarnations that have joined and were not swept, and what a gate finds out about the others when it renews its lease. */
export class Members {
  readonly #bucket: NatsBucket<MemberValue>;
  readonly #leases: NatsLeases;
  readonly #names: NameStore;
  /** The other incarnations that had a lease at the last renewal, by own incarnation. */
  readonly #peers = new Map<string, ReadonlySet<string>>();

  constructor(bucket: NatsBucket<MemberValue>, leases: NatsLeases, names: NameStore) {
    this.#bucket = bucket;
    this.#leases = leases;
    this.#names = names;
  }

  async add(incarnation: string, node: string): Promise<void> {
    await this.#bucket.put(key(incarnation), { n: node }, null);
  }

  async remove(incarnation: string): Promise<void> {
    const stored = await this.#bucket.get(key(incarnation));
    if (stored) await this.#bucket.remove(stored.key, stored.revision);
  }

  /** The nodes by incarnation. */
  async all(): Promise<Map<string, string>> {
    const stored = await this.#bucket.scan('i');
    return new Map(stored.map((one) => [one.key.slice(2), one.value.n]));
  }

  /**
   * Finds lost writes, lost kicks and ended leases.
   * @returns the other incarnations whose lease has ended
   */
  async review(own: OwnLease, channel: NatsChannel): Promise<string[]> {
    const { incarnation } = own;
    const members = await this.all();
    // After the members: each has had a lease before it became one.
    const [leases] = await Promise.all([this.#leases.scan(), this.#names.check()]);
    if (!members.has(incarnation)) await this.add(incarnation, own.node);
    for (const one of own.taken.keys()) if (!members.has(one)) own.taken.delete(one);

    const live = new Set([...leases].filter(([, { value }]) => !value.end).map(([one]) => one));
    const numbers = new Map(
      [...leases].map(([one, { value }]) => [one, value.k?.[incarnation] ?? 0]),
    );
    // A gate that has ended without leaving may have taken a name and not sent the kick.
    const ended = [...(this.#peers.get(incarnation) ?? [])].some(
      (one) => !live.has(one) && leases.get(one)?.value.end !== 'left',
    );
    this.#peers.set(incarnation, live);
    if (!channel.heard.agrees(incarnation, numbers) || ended) channel.gap();
    return [...members.keys()].filter((one) => one !== incarnation && !live.has(one));
  }

  forget(incarnation: string): void {
    this.#peers.delete(incarnation);
  }
}
