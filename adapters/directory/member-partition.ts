import { IxgateError, toError } from '../runtime/errors.js';
import type {
  DirectoryPartition,
  HeldName,
  Holder,
  Kick,
  NameClaim,
  ReassertedName,
} from './directory.js';
import { DirectoryError } from './errors.js';
import { LocalLease, type Moment } from './local-lease.js';
import type { MemberClock } from './member-clock.js';
import { type OwnName, OwnNames } from './own-names.js';
import { type WaitingClaim, WaitingClaims } from './waiting-claims.js';

/** Names that are written again in one request. */
const batchSize = 500;

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
  readonly #names = new OwnNames();
  readonly #claims = new WaitingClaims();
  readonly #releasing = new Set<Promise<void>>();
  #incarnation: string | null = null;
  /** The incarnation for which names are being written again. */
  #joiningAs: string | null = null;
  /** Incarnations of this gate that are not used any more, which the store may still have. */
  readonly #abandoned = new Set<string>();
  /** Incarnations of other gates whose lease has ended. */
  readonly #expired = new Set<string>();
  readonly #lease: LocalLease;
  #needsAudit = false;
  #hasLeft = false;
  #work: Promise<void> | null = null;
  #upkeep: Promise<void> | null = null;
  /** Resolves when the partition is joined again; null while it is joined or lost. */
  #joining: Promise<void> | null = null;

  constructor(partition: DirectoryPartition, host: PartitionHost) {
    this.partition = partition;
    this.#host = host;
    this.#lease = new LocalLease(host.clock, host.lease, () => this.#lapse());
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
    return this.#incarnation !== null && this.#lease.end !== null;
  }

  /**
   * Ends the lease when its time is over. A timer does that, too, and runs late where the process was stopped.
   * @returns when the lease ends; null when it has ended
   */
  endOverdue(): Moment | null {
    if (this.#lease.isOverdue) this.#lapse();
    return this.#lease.end;
  }

  /** Joins or renews the lease when that is due. Call it every twelfth of a lease. */
  tick(): void {
    if (this.#lease.isDue || this.#incarnation === null) void this.keepAlive();
  }

  /** Joins, or renews the lease; starts to audit and to sweep where that is needed. Never rejects. */
  async keepAlive(): Promise<void> {
    if (this.#hasLeft) return;
    this.#work ??= this.#keepAlive().finally(() => {
      this.#work = null;
    });
    await this.#work;
  }

  /** Joins as a new incarnation. @throws what the store throws */
  join(): Promise<void> {
    this.#joining ??= this.#joinNow().finally(() => {
      this.#joining = null;
    });
    return this.#joining;
  }

  /** The kicked session is over here; the store has the name's new holder already. */
  kick(kick: Kick): void {
    const { incarnation } = kick;
    if (incarnation === this.#incarnation || incarnation === this.#joiningAs) this.#replaced(kick);
  }

  /** Compares the names with those of the store at the next renewal, which begins at once. */
  audit(): void {
    this.#needsAudit = true;
    void this.keepAlive();
  }

  /** Never rejects. */
  async claim(claim: Omit<NameClaim, 'incarnation'>): Promise<PartitionClaim> {
    await this.#joining?.catch(() => {});
    // The sessions that were registered without the store come first.
    if (this.#names.hasProvisional) await this.#upkeep;
    if (!this.isLive) {
      void this.keepAlive();
      return { outcome: 'unavailable' };
    }
    try {
      return await this.#claims.run(claim.session, (waiting) =>
        this.#claim({ ...claim, incarnation: this.#incarnation as string }, waiting),
      );
    } catch (error) {
      // It may have taken effect: the audit gives back a name that no session has.
      this.#needsAudit = true;
      this.#failed(error);
      return { outcome: 'unavailable' };
    }
  }

  /**
   * Holds a name without the store, until the partition is joined again.
   * @returns whether there is room for it among the sessions of this gate
   */
  holdProvisionally({ session, clientName, cap, policy }: Omit<NameClaim, 'incarnation'>): boolean {
    const others = this.#names.sessionsOf(clientName);
    if (others.length >= cap) {
      if (policy === 'reject') return false;
      this.#drop(others.slice(0, 1), 'replaced');
    }
    this.#names.add(session, { clientName, cap, policy, epoch: null });
    return true;
  }

  /** The session is over. */
  release(session: string): void {
    const name = this.#names.get(session);
    if (!name) return;
    this.#names.delete(session);
    if (name.epoch !== null) this.#giveBack({ ...name, session, epoch: name.epoch });
  }

  #giveBack(name: HeldName): void {
    const release = this.#release(name);
    this.#releasing.add(release);
    void release.finally(() => this.#releasing.delete(release));
  }

  /** Resolves when the store has answered to all releases. */
  async released(): Promise<void> {
    await Promise.all(this.#releasing);
  }

  /** The epoch of a session's name; null where it has none. */
  epochOf(session: string): number | null {
    return this.#names.get(session)?.epoch ?? null;
  }

  /** Gives all names back. @throws what the store throws */
  async leave(): Promise<void> {
    this.#hasLeft = true;
    this.#lease.stopTimer();
    this.#abandon();
    await Promise.allSettled([this.#work, this.#joining, this.#upkeep]);
    await this.#leaveAbandoned();
  }

  async #claim(claim: NameClaim, waiting: WaitingClaim): Promise<PartitionClaim> {
    const { incarnation, session, clientName, cap, policy } = claim;
    const outcome = await this.partition.claim(claim);
    if (outcome.outcome === 'lapsed') {
      this.#lapsed(incarnation);
      void this.keepAlive();
      return { outcome: 'unavailable' };
    }
    if (outcome.outcome === 'held') {
      if (!outcome.holders.some((holder) => this.#isGhost(holder, session))) return outcome;
      this.audit();
      return { outcome: 'unavailable' };
    }
    const { epoch, replaced } = outcome;
    if (replaced?.incarnation === incarnation) this.#replaced(replaced);
    // The process may have been stopped before it read the answer: then another gate may have the name by now.
    const isCurrent = this.isLive && incarnation === this.#incarnation;
    if (!isCurrent) this.audit();
    if (!isCurrent || waiting.kicked === epoch) return { outcome: 'unavailable' };
    this.#names.add(session, { clientName, cap, policy, epoch });
    return { outcome: 'granted', epoch };
  }

  /** Whether the store has a name for this gate that none of its sessions has: the outcome of a request was unknown. */
  #isGhost(holder: Holder, claiming: string): boolean {
    const { incarnation, session } = holder;
    if (this.#abandoned.has(incarnation)) return true;
    const isWaiting = session !== claiming && this.#claims.has(session);
    return incarnation === this.#incarnation && !isWaiting && !this.#names.has(holder);
  }

  #replaced(name: HeldName): void {
    const waiting = this.#claims.get(name.session);
    if (waiting) waiting.kicked = name.epoch;
    if (!this.#names.has(name)) return;
    // Written again after it was taken, and before that was heard: then the store has it still.
    if (this.#names.get(name.session)?.isReasserted) this.#giveBack(name);
    this.#drop([name.session], 'replaced');
  }

  async #release(name: HeldName): Promise<void> {
    const incarnation = this.#incarnation ?? this.#joiningAs;
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
      if (this.#incarnation === null) await this.join();
      else await this.#renew(this.#incarnation);
    } catch (error) {
      this.#lease.failed();
      this.#failed(error);
      return;
    }
    // Beside the renewals, which it must not delay.
    this.#upkeep ??= this.#keepUp().finally(() => {
      this.#upkeep = null;
    });
  }

  /** Audits, claims names that were granted without the store, and sweeps. Never rejects. */
  async #keepUp(): Promise<void> {
    try {
      const incarnation = this.#incarnation;
      if (incarnation === null) return;
      if (this.#needsAudit) await this.#audit(incarnation);
      await this.#leaveAbandoned();
      await this.#claimProvisional();
      for (const expired of [...this.#expired]) {
        this.#expired.delete(expired);
        await this.partition.sweep(expired);
      }
    } catch (error) {
      this.#failed(error);
    }
  }

  async #leaveAbandoned(): Promise<void> {
    await Promise.all(
      [...this.#abandoned].map(async (incarnation) => {
        if (incarnation === this.#joiningAs) return;
        await this.partition.leave(incarnation);
        this.#abandoned.delete(incarnation);
      }),
    );
  }

  async #renew(incarnation: string): Promise<void> {
    const sent = this.#lease.now();
    const renewal = await this.partition.renew(incarnation);
    if (renewal.outcome === 'lapsed') {
      this.#lapsed(incarnation);
      await this.join();
      return;
    }
    if (incarnation !== this.#incarnation) {
      // The answer came after the lease had ended.
      await this.join();
      return;
    }
    for (const expired of renewal.expired) this.#expired.add(expired);
    const wasLive = this.isLive;
    this.#lease.renewed(sent);
    if (!wasLive) this.#host.changed();
  }

  async #joinNow(): Promise<void> {
    if (this.#hasLeft) return;
    await this.#host.checkSettings();
    let sent = this.#lease.now();
    const incarnation = await this.partition.join(this.#host.node);
    this.#abandoned.add(incarnation);
    this.#joiningAs = incarnation;
    try {
      for (const batch of batches(this.#names.granted())) {
        if (this.#lease.isThirdPast(sent)) {
          const now = this.#lease.now();
          const { outcome } = await this.partition.renew(incarnation);
          if (outcome === 'lapsed') throw lapsedWhileJoining();
          sent = now;
        }
        if (!(await this.#reassert(incarnation, batch))) throw lapsedWhileJoining();
      }
    } finally {
      this.#joiningAs = null;
    }
    if (this.#hasLeft) return;
    this.#abandoned.delete(incarnation);
    this.#incarnation = incarnation;
    this.#lease.renewed(sent);
    this.#host.changed();
  }

  /** @returns false when the incarnation has lapsed */
  async #reassert(incarnation: string, batch: readonly ReassertedName[]): Promise<boolean> {
    for (const { session } of batch) this.#names.markReasserted(session);
    const reassertion = await this.partition.reassert(incarnation, batch);
    if (reassertion.outcome === 'lapsed') return false;
    const lost = new Set(reassertion.lost);
    // A session may have ended, or have lost its name, meanwhile.
    const own = batch.filter((name) => lost.has(name.session) && this.#names.has(name));
    const sessions = own.map(({ session }) => session);
    this.#drop(sessions, 'replaced');
    const ended = batch.filter((name) => !lost.has(name.session) && !this.#names.has(name));
    await Promise.all(ended.map((name) => this.partition.release(incarnation, name)));
    return true;
  }

  /** Names that were granted without the store become claims; the sessions of those that are not granted are over. */
  async #claimProvisional(): Promise<void> {
    for (const session of this.#names.provisional) {
      const incarnation = this.#incarnation;
      const name = this.#names.get(session);
      if (incarnation === null || !name) continue;
      await this.#claims
        .run(session, (waiting) =>
          this.#claimHeld({ ...name, session, incarnation }, name, waiting),
        )
        .catch((error: unknown) => {
          this.#needsAudit = true;
          throw error;
        });
    }
  }

  async #claimHeld(claim: NameClaim, name: OwnName, waiting: WaitingClaim): Promise<void> {
    const { incarnation, session, clientName } = claim;
    const outcome = await this.partition.claim(claim);
    if (outcome.outcome === 'lapsed') {
      this.#lapsed(incarnation);
      return;
    }
    const isThere = this.#names.get(session) === name;
    if (outcome.outcome === 'held') {
      // The ghost is given back by an audit, and the name is claimed again.
      if (outcome.holders.some((holder) => this.#isGhost(holder, session))) this.#needsAudit = true;
      else if (isThere) this.#drop([session], 'replaced');
      return;
    }
    const { epoch, replaced } = outcome;
    if (replaced?.incarnation === incarnation) this.#replaced(replaced);
    if (!isThere) await this.partition.release(incarnation, { clientName, session, epoch });
    else if (waiting.kicked === epoch) this.#drop([session], 'replaced');
    else this.#names.confirm(session, epoch);
  }

  /** Makes this gate and the store agree: names that the store has lost are written again, names without a session are given back. */
  async #audit(incarnation: string): Promise<void> {
    this.#needsAudit = false;
    try {
      const own = this.#names.granted();
      const claiming = this.#claims.copy();
      const stored = await this.partition.held(incarnation);
      const epochs = new Set(stored.map(({ epoch }) => epoch));
      const missing = own.filter(({ epoch }) => !epochs.has(epoch));
      for (const batch of batches(missing)) {
        if (!(await this.#reassert(incarnation, batch))) return;
      }
      const waitingFor = ({ session }: HeldName) =>
        claiming.get(session) ?? this.#claims.get(session);
      const unknown = stored.filter((name) => !this.#names.has(name));
      await Promise.all(unknown.map((name) => waitingFor(name)?.ended));
      const ghosts = unknown.filter((name) => !this.#names.has(name));
      await Promise.all(ghosts.map((name) => this.partition.release(incarnation, name)));
    } catch (error) {
      this.#needsAudit = true;
      throw error;
    }
  }

  /**
   * The store does not know this incarnation as a live one. Where the lease should be live, the store has lost it: the sessions stay until
   * the lease ends or the partition is joined again.
   */
  #lapsed(incarnation: string): void {
    if (incarnation !== this.#incarnation) return;
    const wasLive = this.isLive;
    this.#abandon();
    if (wasLive) this.#host.changed();
    else this.#lapse();
  }

  /** The lease has ended, or may have: this incarnation is never used again. */
  #lapse(): void {
    this.#abandon();
    this.#lease.stop();
    if (!this.#host.keepsSessions) {
      const sessions = this.#names.granted().map(({ session }) => session);
      this.#drop(sessions, 'directory-lost');
    }
    this.#host.changed();
  }

  #abandon(): void {
    if (this.#incarnation !== null) this.#abandoned.add(this.#incarnation);
    this.#incarnation = null;
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

function* batches<Name>(names: readonly Name[]): Generator<readonly Name[]> {
  for (let at = 0; at < names.length; at += batchSize) yield names.slice(at, at + batchSize);
}

function lapsedWhileJoining(): DirectoryError {
  return new DirectoryError('LEASE_LAPSED', 'the lease ended while joining');
}
