import { IxgateError, toError } from '../runtime/errors.js';
import type { DirectoryPartition, HeldName, Holder, Kick, NameClaim } from './directory.js';
import { DirectoryError } from './errors.js';
import type { MemberClock } from './member-clock.js';

/** Names that are written again in one request. */
const batchSize = 500;

/** A name that a session of this gate holds. */
interface OwnName {
  readonly clientName: string;
  readonly cap: number;
  readonly policy: NameClaim['policy'];
  /** Null for a name that was granted without the store. */
  epoch: number | null;
}

/** What a partition needs of its member. */
export interface PartitionHost {
  readonly node: string;
  readonly lease: number;
  readonly clock: MemberClock;
  /** Whether the sessions stay when the store is lost. */
  readonly keepsSessions: boolean;
  /** The sessions whose names this partition had are over. */
  ended(sessions: readonly string[], reason: 'replaced' | 'directory-lost'): void;
  /** @throws when the cluster's settings in the store are not those of this gate */
  checkSettings(): Promise<void>;
  /** The lease has begun or has ended. */
  changed(): void;
  problem(error: Error): void;
}

/** What a claim came to. */
export type PartitionClaim =
  | { readonly outcome: 'granted'; readonly epoch: number }
  | { readonly outcome: 'held'; readonly holders: readonly Holder[] }
  /** The store is lost, or the outcome is unknown. */
  | { readonly outcome: 'unavailable' };

/** This gate's part in one partition: its incarnation, the lease, and the names of its sessions. */
export class MemberPartition {
  readonly partition: DirectoryPartition;
  readonly #host: PartitionHost;
  readonly #names = new Map<string, OwnName>();
  /** Sessions whose claim waits for its answer; with the epoch of a kick that came before it. */
  readonly #claiming = new Map<string, number | null>();
  #incarnation: string | null = null;
  /** When the lease ends, by the monotonic and by the wall clock; counted from when the renewal was sent. */
  #leaseEnd = { monotonic: 0, wall: 0 };
  #lapseTimer: unknown;
  #needsAudit = false;
  #work: Promise<void> | null = null;
  /** Resolves when the partition is joined again; null while it is joined or lost. */
  #joining: Promise<void> | null = null;

  constructor(partition: DirectoryPartition, host: PartitionHost) {
    this.partition = partition;
    this.#host = host;
  }

  /** Null while it is not joined. */
  get incarnation(): string | null {
    return this.#incarnation;
  }

  /** Number of names that the sessions of this gate hold. */
  get size(): number {
    return this.#names.size;
  }

  /** Whether the lease is certain to be live: only then are names granted. */
  get isLive(): boolean {
    const { clock } = this.#host;
    const { monotonic, wall } = this.#leaseEnd;
    return this.#incarnation !== null && clock.now() < monotonic && clock.wall() < wall;
  }

  /** Joins, or renews the lease; then audits and sweeps where that is needed. Never rejects, except for `join` of the start. */
  async keepAlive(): Promise<void> {
    this.#work ??= this.#keepAlive().finally(() => {
      this.#work = null;
    });
    await this.#work;
  }

  /** Joins for the first time. @throws what the store throws */
  async join(): Promise<void> {
    await this.#join();
  }

  /** The kicked session is over here; the store has the name's new holder already. */
  kick(kick: Kick): void {
    if (kick.incarnation === this.#incarnation) this.#replaced(kick);
  }

  /** Compares the names with those of the store at the next renewal, which begins at once. */
  audit(): void {
    this.#needsAudit = true;
    void this.keepAlive();
  }

  async claim(claim: Omit<NameClaim, 'incarnation'>): Promise<PartitionClaim> {
    if (this.#joining) await this.#joining;
    if (!this.isLive) {
      void this.keepAlive();
      return { outcome: 'unavailable' };
    }
    this.#claiming.set(claim.session, null);
    try {
      return await this.#claim({ ...claim, incarnation: this.#incarnation as string });
    } catch (error) {
      // It may have taken effect: the audit gives back a name that no session has.
      this.#needsAudit = true;
      this.#failed(error);
      return { outcome: 'unavailable' };
    } finally {
      this.#claiming.delete(claim.session);
    }
  }

  /** Holds a name without the store, until the partition is joined again. */
  holdProvisionally({ session, clientName, cap, policy }: Omit<NameClaim, 'incarnation'>): void {
    this.#names.set(session, { clientName, cap, policy, epoch: null });
  }

  /** The session is over. */
  release(session: string): void {
    const name = this.#names.get(session);
    if (!name) return;
    this.#names.delete(session);
    if (name.epoch !== null) void this.#release({ ...name, session, epoch: name.epoch });
  }

  /** The epoch of a session's name; null where it has none. */
  epochOf(session: string): number | null {
    return this.#names.get(session)?.epoch ?? null;
  }

  async leave(): Promise<void> {
    this.#host.clock.clearTimeout(this.#lapseTimer);
    const incarnation = this.#incarnation;
    this.#incarnation = null;
    if (incarnation !== null) await this.partition.leave(incarnation);
  }

  async #claim(claim: NameClaim): Promise<PartitionClaim> {
    const outcome = await this.partition.claim(claim);
    if (outcome.outcome === 'lapsed') {
      this.#lapsed(claim.incarnation);
      void this.keepAlive();
      return { outcome: 'unavailable' };
    }
    if (outcome.outcome === 'held') return outcome;
    const { epoch, replaced } = outcome;
    if (replaced?.incarnation === claim.incarnation) this.#replaced(replaced);
    // The process may have been stopped before it read the answer: then another gate may have the name by now.
    const isCurrent = this.isLive && claim.incarnation === this.#incarnation;
    if (!isCurrent) this.audit();
    const wasKicked = this.#claiming.get(claim.session) === epoch;
    if (!isCurrent || wasKicked) return { outcome: 'unavailable' };
    const { clientName, cap, policy } = claim;
    this.#names.set(claim.session, { clientName, cap, policy, epoch });
    return { outcome: 'granted', epoch };
  }

  #replaced({ session, epoch }: HeldName): void {
    if (this.#claiming.has(session)) this.#claiming.set(session, epoch);
    if (this.#names.get(session)?.epoch === epoch) this.#drop([session], 'replaced');
  }

  async #release(name: HeldName): Promise<void> {
    const incarnation = this.#incarnation;
    if (incarnation === null) return;
    try {
      await this.partition.release(incarnation, name);
    } catch (error) {
      this.#needsAudit = true;
      this.#failed(error);
    }
  }

  async #keepAlive(): Promise<void> {
    try {
      if (this.#incarnation === null) await this.#join();
      else await this.#renew(this.#incarnation);
      if (this.#needsAudit && this.#incarnation !== null) await this.#audit(this.#incarnation);
    } catch (error) {
      this.#failed(error);
    }
  }

  async #renew(incarnation: string): Promise<void> {
    const sent = this.#sentNow();
    const renewal = await this.partition.renew(incarnation);
    if (renewal.outcome === 'lapsed') {
      this.#lapsed(incarnation);
      await this.#join();
      return;
    }
    this.#live(incarnation, sent);
    for (const expired of renewal.expired) await this.partition.sweep(expired);
  }

  #join(): Promise<void> {
    this.#joining ??= this.#joinNow().finally(() => {
      this.#joining = null;
    });
    return this.#joining;
  }

  async #joinNow(): Promise<void> {
    await this.#host.checkSettings();
    const sent = this.#sentNow();
    const incarnation = await this.partition.join(this.#host.node);
    const isWritten = await this.#reassertAll(incarnation, this.#granted());
    if (!isWritten) throw new DirectoryError('LEASE_LAPSED', 'the lease ended while joining');
    this.#incarnation = incarnation;
    this.#live(incarnation, sent);
    await this.#claimProvisional(incarnation);
  }

  /** The names with an epoch, the highest first. */
  #granted(): (HeldName & { readonly cap: number })[] {
    return [...this.#names]
      .flatMap(([session, { clientName, cap, epoch }]) =>
        epoch === null ? [] : [{ session, clientName, cap, epoch }],
      )
      .sort((one, other) => other.epoch - one.epoch);
  }

  /** @returns false when the incarnation has lapsed */
  async #reassertAll(
    incarnation: string,
    names: readonly (HeldName & { readonly cap: number })[],
  ): Promise<boolean> {
    for (let at = 0; at < names.length; at += batchSize) {
      const batch = names.slice(at, at + batchSize);
      const reassertion = await this.partition.reassert(incarnation, batch);
      if (reassertion.outcome === 'lapsed') return false;
      const lost = new Set(reassertion.lost);
      // A session may have ended, or have lost its name, meanwhile.
      const isOwn = (name: HeldName) => this.#names.get(name.session)?.epoch === name.epoch;
      this.#drop(
        batch.filter((name) => lost.has(name.session) && isOwn(name)).map(({ session }) => session),
        'replaced',
      );
      for (const name of batch) {
        if (lost.has(name.session) || isOwn(name)) continue;
        await this.partition.release(incarnation, name);
      }
    }
    return true;
  }

  /** Names that were granted without the store become claims; the sessions of those that are not granted are over. */
  async #claimProvisional(incarnation: string): Promise<void> {
    for (const [session, name] of [...this.#names]) {
      if (name.epoch !== null) continue;
      const { clientName, cap, policy } = name;
      const claim = { incarnation, session, clientName, cap, policy };
      const outcome = await this.partition.claim(claim);
      const isThere = this.#names.get(session) === name;
      if (outcome.outcome !== 'granted') {
        if (isThere) this.#drop([session], 'replaced');
        continue;
      }
      const { epoch, replaced } = outcome;
      if (replaced?.incarnation === incarnation) this.#drop([replaced.session], 'replaced');
      if (isThere) name.epoch = epoch;
      else await this.partition.release(incarnation, { clientName, session, epoch });
    }
  }

  /** Makes this gate and the store agree: names that the store has lost are written again, names without a session are given back. */
  async #audit(incarnation: string): Promise<void> {
    this.#needsAudit = false;
    try {
      const own = this.#granted();
      const claiming = new Set(this.#claiming.keys());
      const stored = await this.partition.held(incarnation);
      const epochs = new Map(stored.map(({ session, epoch }) => [session, epoch]));
      const missing = own.filter(({ session, epoch }) => epochs.get(session) !== epoch);
      if (!(await this.#reassertAll(incarnation, missing))) return;
      for (const name of stored) {
        const isClaimed = claiming.has(name.session) || this.#claiming.has(name.session);
        if (isClaimed || this.#names.get(name.session)?.epoch === name.epoch) continue;
        await this.partition.release(incarnation, name);
      }
    } catch (error) {
      this.#needsAudit = true;
      throw error;
    }
  }

  #sentNow(): { readonly monotonic: number; readonly wall: number } {
    const { clock } = this.#host;
    return { monotonic: clock.now(), wall: clock.wall() };
  }

  /** The lease is live. A tenth of it is kept in hand, for clocks that do not run equally fast. */
  #live(incarnation: string, sent: { readonly monotonic: number; readonly wall: number }): void {
    if (incarnation !== this.#incarnation) return;
    const { clock, lease } = this.#host;
    const certain = lease * 0.9;
    this.#leaseEnd = { monotonic: sent.monotonic + certain, wall: sent.wall + certain };
    clock.clearTimeout(this.#lapseTimer);
    if (certain === Number.POSITIVE_INFINITY) return;
    const left = this.#leaseEnd.monotonic - clock.now();
    this.#lapseTimer = clock.setTimeout(() => this.#lapse(), Math.max(0, left));
    this.#host.changed();
  }

  /**
   * The store does not know this incarnation as a live one. Where the lease should be live, the store has lost it: the sessions stay until
   * the lease ends or the partition is joined again.
   */
  #lapsed(incarnation: string): void {
    if (incarnation !== this.#incarnation) return;
    const wasLive = this.isLive;
    this.#incarnation = null;
    if (wasLive) this.#host.changed();
    else this.#lapse();
  }

  /** The lease has ended, or may have: this incarnation is never used again. */
  #lapse(): void {
    this.#incarnation = null;
    this.#host.clock.clearTimeout(this.#lapseTimer);
    if (!this.#host.keepsSessions) this.#drop([...this.#names.keys()], 'directory-lost');
    this.#host.changed();
  }

  #drop(sessions: readonly string[], reason: 'replaced' | 'directory-lost'): void {
    for (const session of sessions) this.#names.delete(session);
    if (sessions.length > 0) this.#host.ended(sessions, reason);
  }

  #failed(error: unknown): void {
    this.#host.problem(
      error instanceof IxgateError
        ? error
        : new DirectoryError('DIRECTORY_UNREACHABLE', toError(error).message, { cause: error }),
    );
  }
}
