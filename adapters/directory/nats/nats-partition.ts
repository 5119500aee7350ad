import type {
  ClaimOutcome,
  DirectoryPartition,
  HeldName,
  Holder,
  Incarnation,
  NameClaim,
  ReassertedName,
  Reassertion,
  Renewal,
} from '../directory.js';
import { inParallel } from './in-parallel.js';
import type { Members } from './members.js';
import { type ClaimParts, NatsClaims } from './nats-claims.js';
import type { NameEntry } from './nats-names.js';

interface Parts extends ClaimParts {
  readonly members: Members;
}

/** The one partition of a directory in NATS. */
export class NatsPartition implements DirectoryPartition {
  readonly index = 0;
  readonly #parts: Parts;
  readonly #claims: NatsClaims;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#claims = new NatsClaims(parts);
  }

  async join(node: string): Promise<string> {
    const { incarnation } = await this.#parts.leases.join(node);
    // After the lease: a member without a lease would be swept.
    await this.#parts.members.add(incarnation, node);
    return incarnation;
  }

  async renew(incarnation: string): Promise<Renewal> {
    const { leases, members, channel } = this.#parts;
    const own = await leases.renew(incarnation);
    if (!own) return { outcome: 'lapsed' };
    return { outcome: 'renewed', expired: await members.review(own, channel) };
  }

  claim(claim: NameClaim): Promise<ClaimOutcome> {
    return this.#claims.claim(claim);
  }

  reassert(incarnation: string, names: readonly ReassertedName[]): Promise<Reassertion> {
    return this.#claims.reassert(incarnation, names);
  }

  release(incarnation: string, name: HeldName): Promise<void> {
    return this.#claims.release(incarnation, name);
  }

  holders(clientName: string): Promise<Holder[]> {
    return this.#claims.holders(clientName);
  }

  async held(incarnation: string): Promise<HeldName[]> {
    const { names } = this.#parts;
    await names.settle();
    const states = await names.scan();
    return states
      .flatMap(({ entries }) => entries)
      .filter((entry) => entry.incarnation === incarnation)
      .map(({ clientName, session, epoch }) => ({ clientName, session, epoch }));
  }

  async sweep(incarnation: string): Promise<number> {
    const { leases } = this.#parts;
    if ((await leases.remaining(incarnation)) !== null) return 0;
    return await this.#removeAll(incarnation);
  }

  async leave(incarnation: string): Promise<void> {
    const { leases, members, channel } = this.#parts;
    await leases.leave(incarnation);
    await this.#removeAll(incarnation);
    members.forget(incarnation);
    channel.heard.forget(incarnation);
  }

  async list(): Promise<Incarnation[]> {
    const { leases, members, names } = this.#parts;
    const [nodes, stored, states] = await Promise.all([members.all(), leases.scan(), names.scan()]);
    const counts = new Map<string, number>();
    for (const { incarnation } of states.flatMap(({ entries }) => entries)) {
      counts.set(incarnation, (counts.get(incarnation) ?? 0) + 1);
    }
    return [...nodes].map(([incarnation, node]) => {
      const lease = stored.get(incarnation);
      const leaseRemaining = lease && !lease.value.end ? leases.remainingOf(lease) : 0;
      return { incarnation, node, leaseRemaining, names: counts.get(incarnation) ?? 0 };
    });
  }

  /** Removes an incarnation that has ended and its names, and the names of incarnations that were removed before. */
  async #removeAll(incarnation: string): Promise<number> {
    const { leases, members, names } = this.#parts;
    const gone = new Set([incarnation]);
    let removed = 0;
    // Names that are changed during a scan may be missing in it.
    for (let found = 1; found > 0; ) {
      const nodes = await members.all();
      const states = await names.scan();
      const unknown = new Set(
        states
          .flatMap(({ entries }) => entries.map((one) => one.incarnation))
          .filter((one) => !nodes.has(one) && !gone.has(one) && !leases.isOwn(one)),
      );
      for (const one of unknown) if ((await leases.remaining(one)) === null) gone.add(one);
      const due = states.filter(
        ({ entries }) => entries.length === 0 || entries.some((one) => gone.has(one.incarnation)),
      );
      const taken = await inParallel(due, async (state) => {
        const { clientName, entries } = state;
        const isDue = (one: NameEntry) => gone.has(one.incarnation);
        if (!entries.every(isDue)) return await this.#claims.remove(clientName, isDue);
        // No gate counts these entries, so what another gate writes meanwhile has none of them.
        await names.drop(state);
        return entries;
      });
      found = taken.flat().filter((one) => one.incarnation === incarnation).length;
      removed += found;
    }
    await members.remove(incarnation);
    return removed;
  }
}
