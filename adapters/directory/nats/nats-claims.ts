import type {
  ClaimOutcome,
  HeldName,
  Holder,
  NameClaim,
  ReassertedName,
  Reassertion,
} from '../directory.js';
import { inParallel } from './in-parallel.js';
import { type NameChange, NameChanges } from './name-changes.js';
import type { NameStore } from './name-store.js';
import type { NatsChannel } from './nats-channel.js';
import type { NatsLeases, OwnLease } from './nats-leases.js';
import type { NatsLink } from './nats-link.js';
import type { NameEntry, NameState } from './nats-names.js';
import type { StoreTime } from './store-time.js';

export interface ClaimParts {
  readonly link: NatsLink;
  readonly names: NameStore;
  readonly leases: NatsLeases;
  readonly channel: NatsChannel;
  readonly time: StoreTime;
}

/** What a claim makes of a name. */
interface Decision extends NameChange {
  /** The answer when nothing is changed. */
  readonly refused: ClaimOutcome;
  readonly replaced: Holder | null;
}

/** Who holds a name: claimed, written again, and removed. */
export class NatsClaims {
  readonly #parts: ClaimParts;
  readonly #changes: NameChanges;

  constructor(parts: ClaimParts) {
    this.#parts = parts;
    const busy = () => parts.link.unreachable('a name is changed too often');
    this.#changes = new NameChanges(parts.names, busy);
  }

  async claim(claim: NameClaim): Promise<ClaimOutcome> {
    const { incarnation, clientName } = claim;
    const own = await this.#parts.leases.find(incarnation);
    if (!own) return { outcome: 'lapsed' };
    let ghost: HeldName | null = null;
    const outcome = await this.#changes.change(clientName, {
      decide: (state) => this.#decide(claim, own, state),
      after: async ({ refused, replaced }, revision) => {
        if (revision === null) return refused;
        const { epoch, isLive } = await this.#confirm(incarnation, revision);
        if (replaced && replaced.incarnation !== incarnation) this.#kick(own, replaced, epoch);
        if (isLive) return { outcome: 'granted', epoch, replaced } as const;
        ghost = { clientName, session: claim.session, epoch };
        return { outcome: 'lapsed' } as const;
      },
      failed: ({ replaced }) => {
        if (replaced && replaced.incarnation !== incarnation) this.#countKick(own, replaced);
      },
    });
    if (ghost) await this.release(incarnation, ghost);
    return outcome;
  }

  async reassert(incarnation: string, given: readonly ReassertedName[]): Promise<Reassertion> {
    const { leases } = this.#parts;
    const own = await leases.find(incarnation);
    if (!own || !(await leases.isLive(incarnation))) return { outcome: 'lapsed' };
    const highest = Math.max(0, ...given.map(({ epoch }) => epoch));
    if (highest > this.#parts.time.now() * 1_000) await this.#parts.names.raiseFloor(highest);
    // Sessions of one name one after the other, so that the highest epoch is the first.
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
    await this.remove(clientName, isIt);
  }

  /** The holders with a live lease, the lowest epoch first. */
  async holders(clientName: string): Promise<Holder[]> {
    return await this.#live(await this.#parts.names.read(clientName));
  }

  /** Removes entries of a name. @returns those that were removed */
  async remove(clientName: string, isIt: (entry: NameEntry) => boolean): Promise<NameEntry[]> {
    const { names } = this.#parts;
    return await this.#changes.change(clientName, {
      decide: (state) => {
        const { entries, revision } = state;
        const rest = entries.filter((one) => !isIt(one));
        // A key without entries is left over from a gate that ended before it removed the key.
        const isKept = rest.length === entries.length && (rest.length > 0 || revision === 0);
        return { entries: isKept ? null : rest, removed: entries.filter(isIt), state };
      },
      after: async ({ entries, removed, state }, revision) => {
        if (revision !== null && entries?.length === 0) {
          // The name is free already. If this fails, the next sweep removes the empty key.
          await names.remove(state, revision).catch(() => {});
        }
        return removed;
      },
    });
  }

  async #decide(claim: NameClaim, own: OwnLease, state: NameState): Promise<Decision> {
    const { incarnation, clientName, session, cap, policy } = claim;
    const { leases, names } = this.#parts;
    const [holders, mayBeLive] = await Promise.all([
      this.#live(state),
      leases.mayBeLive(own),
      names.readFloor(),
    ]);
    const replaced = holders.length >= cap ? (holders[0] ?? null) : null;
    const refused: ClaimOutcome = mayBeLive ? { outcome: 'held', holders } : { outcome: 'lapsed' };
    if (!mayBeLive || (replaced && policy === 'reject')) {
      return { entries: null, refused, replaced: null };
    }
    const granted = { clientName, session, incarnation, node: own.node, epoch: 0 };
    const entries = [...holders.filter((one) => one !== replaced), granted];
    return { entries, refused, replaced };
  }

  /** Reads the epoch of a grant, and whether the lease was live when it was made: a lease that is live now never ended before. */
  async #confirm(
    incarnation: string,
    revision: number,
  ): Promise<{ epoch: number; isLive: boolean }> {
    const { leases, names, link } = this.#parts;
    const [epoch, isLive] = await Promise.all([
      names.granted(revision),
      leases.isLive(incarnation),
    ]);
    if (epoch === null) throw link.unreachable('the name was taken before its epoch was read');
    return { epoch, isLive };
  }

  /** @returns whether the session holds the name now */
  async #reassert(own: OwnLease, { cap, ...name }: ReassertedName): Promise<boolean> {
    const { incarnation, node } = own;
    const entry: NameEntry = { ...name, incarnation, node };
    const isIt = (one: NameEntry) =>
      one.incarnation === incarnation && one.session === name.session && one.epoch === name.epoch;
    return await this.#changes.change(name.clientName, {
      decide: async (state) => {
        const holders = await this.#live(state);
        const kicked = holders.length >= cap ? (holders[0] ?? null) : null;
        const isHeld = holders.some(isIt);
        if (isHeld || (kicked && kicked.epoch > name.epoch)) {
          return { entries: null, isHeld, kicked: null };
        }
        const entries = [...holders.filter((one) => one !== kicked), entry];
        return { entries, isHeld: true, kicked };
      },
      after: ({ isHeld, kicked }) => {
        if (kicked) this.#kick(own, kicked, name.epoch);
        return isHeld;
      },
      failed: ({ kicked }) => {
        if (kicked) this.#countKick(own, kicked);
      },
    });
  }

  async #live({ entries }: NameState): Promise<Holder[]> {
    const holders = await inParallel(entries, async (entry) => {
      const leaseRemaining = await this.#parts.leases.remaining(entry.incarnation);
      return leaseRemaining === null ? [] : [{ ...entry, leaseRemaining }];
    });
    return holders.flat();
  }

  #kick(own: OwnLease, entry: NameEntry, epoch: number): void {
    const number = this.#countKick(own, entry);
    const { clientName, session, incarnation } = entry;
    const by = { node: own.node, epoch };
    const kick = { clientName, session, epoch: entry.epoch, incarnation, by };
    try {
      this.#parts.channel.kick(entry.node, { ...kick, from: own.incarnation, number });
    } catch {
      // The connection is lost. The other gate finds the number in the lease.
    }
  }

  /** The number of a kick. One that is counted and not sent is found by its number. */
  #countKick({ taken }: OwnLease, { incarnation }: NameEntry): number {
    const number = (taken.get(incarnation) ?? 0) + 1;
    taken.set(incarnation, number);
    return number;
  }
}
