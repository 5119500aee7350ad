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
import { changeName, type MadeChange, type NameChange } from './name-changes.js';
import type { NameStore } from './name-store.js';
import type { NatsChannel } from './nats-channel.js';
import type { NatsLeases, OwnLease } from './nats-leases.js';
import type { NatsLink } from './nats-link.js';
import type { NameEntry, NameState } from './nats-names.js';

interface Parts {
  readonly link: NatsLink;
  readonly names: NameStore;
  readonly leases: NatsLeases;
  readonly members: Members;
  readonly channel: NatsChannel;
}

/** What a claim makes of a name. */
interface Decision extends NameChange {
  readonly isLapsed: boolean;
  readonly holders: readonly Holder[];
  readonly replaced: Holder | null;
}

/** The one partition of a directory in NATS. */
export class NatsPartition implements DirectoryPartition {
  readonly index = 0;
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
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

  async claim(claim: NameClaim): Promise<ClaimOutcome> {
    const { incarnation, clientName, session } = claim;
    const { leases, names, link } = this.#parts;
    const own = await leases.find(incarnation);
    if (!own) return { outcome: 'lapsed' };
    const made = await this.#change(clientName, own, (state) => this.#decide(claim, own, state));
    const { change, revision } = made;
    if (change.isLapsed) return { outcome: 'lapsed' };
    if (revision === null) return { outcome: 'held', holders: change.holders };
    const [epoch, isLive] = await Promise.all([
      names.granted(revision),
      leases.isLive(incarnation),
    ]);
    // The gate that has lost its place finds the number of the kick, which is not sent.
    if (epoch === null) throw link.unreachable('the name was taken before its epoch was read');
    this.#kick(own, made, epoch);
    if (isLive) return { outcome: 'granted', epoch, replaced: change.replaced };
    await this.release(incarnation, { clientName, session, epoch });
    return { outcome: 'lapsed' };
  }

  async reassert(incarnation: string, given: readonly ReassertedName[]): Promise<Reassertion> {
    const { leases } = this.#parts;
    const own = await leases.find(incarnation);
    if (!own || !(await leases.isLive(incarnation))) return { outcome: 'lapsed' };
    // Names of one text one after the other, so that the highest epoch is the first.
    const groups = new Map<string, ReassertedName[]>();
    for (const name of given) {
      groups.set(name.clientName, [...(groups.get(name.clientName) ?? []), name]);
    }
    const lost = await inParallel([...groups.values()], async (group) => {
      const losing: string[] = [];
      for (const name of group) if (!(await this.#reassert(own, name))) losing.push(name.session);
      return losing;
    });
    if (!(await leases.isLive(incarnation))) return { outcome: 'lapsed' };
    return { outcome: 'reasserted', lost: lost.flat() };
  }

  async release(incarnation: string, { clientName, session, epoch }: HeldName): Promise<void> {
    const isIt = (one: NameEntry) =>
      one.incarnation === incarnation && one.session === session && one.epoch === epoch;
    await this.#remove(clientName, isIt);
  }

  async held(incarnation: string): Promise<HeldName[]> {
    const states = await this.#parts.names.scan();
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

  async holders(clientName: string): Promise<Holder[]> {
    return await this.#holders(await this.#parts.names.read(clientName));
  }

  async #decide(claim: NameClaim, own: OwnLease, state: NameState): Promise<Decision> {
    const { incarnation, clientName, session, cap, policy } = claim;
    const [holders, isLive] = await Promise.all([
      this.#holders(state),
      this.#parts.leases.mayBeLive(own),
    ]);
    const kept = { entries: null, isLapsed: !isLive, holders, replaced: null };
    const replaced = holders.length >= cap ? (holders[0] ?? null) : null;
    if (!isLive || (replaced && policy === 'reject')) return kept;
    const granted = { clientName, session, incarnation, node: own.node, epoch: 0 };
    return {
      ...{ isLapsed: false, holders, replaced },
      entries: [...holders.filter((one) => one !== replaced), granted],
      kicked: replaced && replaced.incarnation !== incarnation ? [replaced] : [],
    };
  }

  /** @returns whether the session holds the name now */
  async #reassert(own: OwnLease, { cap, ...name }: ReassertedName): Promise<boolean> {
    const { incarnation, node } = own;
    const entry: NameEntry = { ...name, incarnation, node };
    const isIt = (one: NameEntry) =>
      one.incarnation === incarnation && one.session === name.session && one.epoch === name.epoch;
    const made = await this.#change(name.clientName, own, async (state) => {
      const holders = await this.#holders(state);
      if (holders.some(isIt)) return { entries: null, isHeld: true };
      const [lowest] = holders;
      const isFull = holders.length >= cap;
      if (isFull && lowest && lowest.epoch > name.epoch) return { entries: null, isHeld: false };
      const kicked = isFull && lowest ? [lowest] : [];
      const entries = [...holders.filter((one) => !kicked.includes(one)), entry];
      return { entries, kicked, isHeld: true };
    });
    this.#kick(own, made, name.epoch);
    return made.change.isHeld;
  }

  /** The holders with a live lease, the lowest epoch first. */
  async #holders({ entries }: NameState): Promise<Holder[]> {
    const holders = await inParallel(entries, async (entry) => {
      const leaseRemaining = await this.#parts.leases.remaining(entry.incarnation);
      return leaseRemaining === null ? [] : [{ ...entry, leaseRemaining }];
    });
    return holders.flat();
  }

  /** Removes entries of a name. @returns those that were removed */
  async #remove(clientName: string, isIt: (entry: NameEntry) => boolean): Promise<NameEntry[]> {
    const { names } = this.#parts;
    const made = await this.#change(clientName, null, ({ entries, revision }) => {
      const rest = entries.filter((one) => !isIt(one));
      // A name without entries is left over from a gate that ended before it removed the key.
      const isKept = rest.length === entries.length && (rest.length > 0 || revision === 0);
      return { entries: isKept ? null : rest, removed: entries.filter(isIt), rest };
    });
    const { removed, rest } = made.change;
    if (made.revision !== null && rest.length === 0) {
      // The name is free already; the empty key is removed by the next sweep if this fails.
      await names.remove(clientName, made.revision).catch(() => {});
    }
    return removed;
  }

  /** Removes an incarnation that has ended, its names, and those of incarnations that are no longer members. */
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
      const taken = await inParallel(due, ({ clientName }) =>
        this.#remove(clientName, (one) => gone.has(one.incarnation)),
      );
      found = taken.flat().filter((one) => one.incarnation === incarnation).length;
      removed += found;
    }
    await members.remove(incarnation);
    return removed;
  }

  #change<C extends NameChange>(
    clientName: string,
    own: OwnLease | null,
    decide: (state: NameState) => C | Promise<C>,
  ): Promise<MadeChange<C>> {
    const { names, link } = this.#parts;
    const busy = () => link.unreachable('the name changes too often');
    return changeName(names, { clientName, own, busy }, decide);
  }

  #kick(own: OwnLease, made: MadeChange<NameChange>, epoch: number): void {
    const { kicked = [] } = made.change;
    for (const [at, number] of made.numbers.entries()) {
      const entry = kicked[at];
      if (!entry) continue;
      const { clientName, session, incarnation } = entry;
      const by = { node: own.node, epoch };
      const kick = { clientName, session, epoch: entry.epoch, incarnation, by };
      // A kick that cannot be sent is found by its number.
      try {
        this.#parts.channel.kick(entry.node, { ...kick, from: own.incarnation, number });
      } catch {}
    }
  }
}
