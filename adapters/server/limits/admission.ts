import type { SharedPenalty } from '../../directory/limits/limit-messages.js';
import {
  type SourceChange,
  type SourceCount,
  sourceChange,
} from '../../directory/limits/source-changes.js';
import { SourceSet } from '../../net/addresses/source-set.js';
import { Bans } from './bans.js';
import { Counts } from './counts.js';
import type { LimitName, Limits } from './limit-table.js';
import { addressIn, OtherConnections } from './other-connections.js';
import { type ListedPenalty, Penalties } from './penalties.js';
import type { Rate } from './rate.js';
import { type Source, sourceOf } from './source.js';
import { TokenBuckets } from './token-buckets.js';

/** The limits that concern connections and sources. */
export type AdmissionLimits = Pick<
  Limits,
  | 'maxConnections'
  | 'maxUnregistered'
  | 'maxUnregisteredPerAddress'
  | 'maxUnregisteredPerPrefix'
  | 'prefixLengths'
  | 'exempt'
  | 'registrationRate'
  | 'errorRate'
  | (`penalty${string}` & LimitName)
>;

/** The reasons for rejecting a connection before it becomes a session. */
export const rejectionReasons = {
  closing: 'the gate is shutting down',
  draining: 'the gate is draining',
  banned: 'the address is banned',
  overloaded: 'the event loop is overloaded',
  'max-connections': 'too many connections',
  penalty: 'the address has a penalty',
  'per-address': 'too many unregistered connections from this address',
  'per-prefix': 'too many unregistered connections from this block of addresses',
  'max-unregistered': 'too many unregistered connections',
} as const;
export type RejectionReason = keyof typeof rejectionReasons;

export interface ConnectionRejection {
  readonly reason: RejectionReason;
  /** Milliseconds after which it is worth another attempt, where that is known. */
  readonly retryAfter: number | null;
}

/** The violations that add a penalty to a source. */
export type Violation = 'refused' | 'silent' | 'probe' | 'timeout' | 'protocol-error';

const penaltyFor = {
  refused: 'penaltyRefused',
  silent: 'penaltySilent',
  probe: 'penaltySilent',
  timeout: 'penaltyTimeout',
  'protocol-error': 'penaltyProtocolError',
} as const satisfies Record<Violation, keyof AdmissionLimits>;

/** A source, and whether the limits per source apply to it. */
interface KnownSource extends Source {
  /** As given. */
  readonly remoteAddress: string;
  readonly isLimited: boolean;
}

/** Probes of one address that add no penalty. Load balancers check a port by connecting and closing, or by a plain HTTP request. */
const freeProbes: Rate = { perSecond: 2, burst: 10 };

/** Maximum number of addresses whose source is cached. */
const maxKnown = 4_096;

/** Counts connection slots. */
interface SlotCounter {
  registered(source: KnownSource): void;
  left(source: KnownSource): void;
}

/** The slot of one connection. It counts as unregistered until the client is registered or the connection is gone. */
export class ConnectionSlot {
  /** When the connection was accepted, on the monotonic clock; milliseconds. */
  readonly acceptedAt: number;
  readonly #counting: SlotCounter;
  readonly #source: KnownSource;
  #isRegistered = false;
  #isThere = true;

  constructor(acceptedAt: number, source: KnownSource, counting: SlotCounter) {
    this.acceptedAt = acceptedAt;
    this.#source = source;
    this.#counting = counting;
  }

  registered(): void {
    if (this.#isRegistered) return;
    this.#isRegistered = true;
    this.#counting.registered(this.#source);
  }

  /** The connection is gone. */
  release(): void {
    if (!this.#isThere) return;
    this.#isThere = false;
    this.registered();
    this.#counting.left(this.#source);
  }
}

/**
 * What an Admission counts for an address: a connection that was accepted, registered or closed; a registration or an EventError that
 * took a token; a violation.
 */
export type AdmissionChange =
  | readonly [what: 'entered' | 'registered' | 'left' | 'asked' | 'erred', remoteAddress: string]
  | readonly [what: 'violated', remoteAddress: string, violation: Violation];

export interface AdmissionOptions {
  readonly limits: AdmissionLimits;
  /** From 0 up to and without 1. @default Math.random */
  readonly random?: () => number;
  /** A monotonic clock, in milliseconds. @default performance.now */
  readonly now?: () => number;
  /** Disconnects an unregistered client in favour of a new one. @returns false when there is none to disconnect. @default never */
  readonly makeRoom?: () => boolean;
}

/** Decides which connections are accepted, by counting connections and remembering sources. Its memory is bounded. */
export class Admission {
  /** Called for each change that is counted here, not for those of `count`: for the other workers of this gate. */
  onChange: ((change: AdmissionChange) => void) | null = null;
  /** Called for each change that is counted here, not for those of `count` or `countOthers`: for the other gates of a cluster. */
  onSourceChange: ((change: SourceChange) => void) | null = null;
  /** The event loop was delayed in the last second. */
  overloaded = false;
  closing = false;
  /** No connection is accepted for now; those that are open stay. */
  draining = false;
  /** Bans of operators, which hold for exempt addresses too. */
  readonly bans: Bans;
  readonly #random: () => number;
  readonly #now: () => number;
  readonly #makeRoom: () => boolean;
  #limits: AdmissionLimits;
  #exempt: SourceSet;
  #penalties: Penalties;
  #registrations: TokenBuckets;
  #errors: TokenBuckets;
  readonly #probes: TokenBuckets;
  #open = 0;
  #unregistered = 0;
  readonly #byAddress = new Counts();
  readonly #byPrefix = new Counts();
  /** Registered sessions, by address. Exempt addresses count too: a reload can end the exemption while they are open. */
  readonly #registeredByAddress = new Counts();
  readonly #others: OtherConnections;
  readonly #known = new Map<string, KnownSource>();
  readonly #counting: SlotCounter;

  constructor(options: AdmissionOptions) {
    const { limits, random = Math.random, now = () => performance.now() } = options;
    this.#random = random;
    this.#now = now;
    this.#makeRoom = options.makeRoom ?? (() => false);
    this.#limits = limits;
    this.#exempt = new SourceSet(limits.exempt);
    this.#others = new OtherConnections(limits.prefixLengths);
    this.bans = new Bans(now);
    this.#penalties = this.#newPenalties();
    this.#registrations = new TokenBuckets({ ...limits.registrationRate, now });
    this.#errors = new TokenBuckets({ ...limits.errorRate, now });
    this.#probes = new TokenBuckets({ ...freeProbes, now });
    this.#counting = {
      registered: (source) => {
        this.#registered(source);
        this.onChange?.(['registered', source.remoteAddress]);
        if (source.isLimited) this.#changed(source.address, 'unregistered', -1);
        this.#changed(source.address, 'registered', 1);
      },
      left: (source) => {
        this.#left(source);
        this.onChange?.(['left', source.remoteAddress]);
        this.#changed(source.address, 'registered', -1);
      },
    };
  }

  /** Number of open connections. */
  get open(): number {
    return this.#open;
  }

  /** Number of open connections that are not registered. */
  get unregistered(): number {
    return this.#unregistered;
  }

  /** New limits, for connections from now on. Penalties and rates of sources are kept where their limits stay the same. */
  set limits(limits: AdmissionLimits) {
    const before = this.#limits;
    this.#limits = limits;
    this.#exempt = new SourceSet(limits.exempt);
    this.#known.clear();
    const { ipv4, ipv6 } = before.prefixLengths;
    if (ipv4 !== limits.prefixLengths.ipv4 || ipv6 !== limits.prefixLengths.ipv6) {
      this.#others.prefixLengths = limits.prefixLengths;
    }
    const keys = ['penaltyMin', 'penaltyMax', 'penaltySources'] as const;
    if (keys.some((key) => before[key] !== limits[key])) this.#penalties = this.#newPenalties();
    const now = this.#now;
    if (!sameRate(before.registrationRate, limits.registrationRate)) {
      this.#registrations = new TokenBuckets({ ...limits.registrationRate, now });
    }
    if (!sameRate(before.errorRate, limits.errorRate)) {
      this.#errors = new TokenBuckets({ ...limits.errorRate, now });
    }
  }

  /** Accepts a connection, or gives the reason why not. @param acceptedAt when it was accepted, on the monotonic clock. @default now */
  admit(remoteAddress: string, acceptedAt = this.#now()): ConnectionSlot | ConnectionRejection {
    const source = this.#sourceOf(remoteAddress);
    const refused = this.#refusedByOperator(remoteAddress) ?? this.#refusal(source);
    if (refused) return refused;
    this.#entered(source);
    this.onChange?.(['entered', remoteAddress]);
    if (source.isLimited) this.#changed(source.address, 'unregistered', 1);
    return new ConnectionSlot(acceptedAt, source, this.#counting);
  }

  /** Counts a change of another worker's Admission. Together the workers admit like one that learns of changes a little later. */
  count([what, remoteAddress, violation]: AdmissionChange): void {
    const source = this.#sourceOf(remoteAddress);
    if (what === 'entered') this.#entered(source);
    else if (what === 'registered') this.#registered(source);
    else if (what === 'left') this.#left(source);
    else if (!source.isLimited) return;
    else if (what === 'asked') this.#registrations.spend(source.address, 1);
    else if (what === 'erred') this.#errors.spend(source.address, 1);
    else if (violation) this.#addPenalty(source.address, violation);
  }

  /** Counts changes of other gates of the cluster. Their connections count for addresses and blocks, not for the limits on all. */
  countOthers(changes: readonly SourceChange[]): void {
    for (const change of changes) {
      const { source, asked, erred, penalty } = change;
      this.#others.add(change);
      if (asked + erred + penalty === 0 || this.#exempt.has(addressIn(source))) continue;
      if (asked > 0) this.#registrations.spend(source, asked);
      if (erred > 0) this.#errors.spend(source, erred);
      this.#penalties.add(source, penalty);
    }
  }

  /** Makes penalties at least as long as another gate of the cluster has them. */
  learnPenalties(penalties: readonly SharedPenalty[]): void {
    for (const penalty of penalties) {
      if (!this.#exempt.has(addressIn(penalty.source))) this.#penalties.learn(penalty);
    }
  }

  /** Adds a penalty to an address; it is divided by 1 + the registered sessions of the address. */
  addPenalty(remoteAddress: string, violation: Violation): void {
    const { address, isLimited } = this.#sourceOf(remoteAddress);
    if (!isLimited) return;
    const penalty = this.#addPenalty(address, violation);
    this.onChange?.(['violated', remoteAddress, violation]);
    if (penalty > 0) this.#changed(address, 'penalty', penalty);
  }

  /** The sources with a penalty; see `Penalties.list`. */
  penalties(): ListedPenalty[] {
    return this.#penalties.list();
  }

  /** Forgets the penalty of an address, or all. @returns the number of penalties that were forgotten */
  clearPenalties(remoteAddress: string | null): number {
    const address = remoteAddress === null ? null : this.#sourceOf(remoteAddress).address;
    return this.#penalties.clear(address);
  }

  /** Takes a token for a registration. @returns whether the rate of the address allows it */
  consumeRegistrationToken(remoteAddress: string): boolean {
    const { address, isLimited } = this.#sourceOf(remoteAddress);
    if (!isLimited) return true;
    const may = this.#registrations.take(address);
    if (!may) return false;
    this.onChange?.(['asked', remoteAddress]);
    this.#changed(address, 'asked', 1);
    return true;
  }

  /** Takes a token for an EventError. @returns whether the rate of the address allows it */
  consumeErrorToken(remoteAddress: string): boolean {
    const { address, isLimited } = this.#sourceOf(remoteAddress);
    if (!isLimited) return true;
    const may = this.#errors.take(address);
    if (!may) return false;
    this.onChange?.(['erred', remoteAddress]);
    this.#changed(address, 'erred', 1);
    return true;
  }

  #entered({ address, prefix, isLimited }: KnownSource): void {
    this.#open += 1;
    this.#unregistered += 1;
    if (!isLimited) return;
    this.#byAddress.add(address);
    this.#byPrefix.add(prefix);
  }

  #registered({ address, prefix, isLimited }: KnownSource): void {
    this.#unregistered -= 1;
    if (address !== '') this.#registeredByAddress.add(address);
    if (!isLimited) return;
    this.#byAddress.remove(address);
    this.#byPrefix.remove(prefix);
  }

  #left({ address }: KnownSource): void {
    this.#open -= 1;
    if (address !== '') this.#registeredByAddress.remove(address);
  }

  /**
   * Behind NAT a bad client shares its address with good ones, so the penalty is divided by the registered sessions.
   * @returns the milliseconds that were added
   */
  #addPenalty(address: string, violation: Violation): number {
    if (violation === 'probe' && this.#probes.take(address)) return 0;
    const registered = this.#registeredByAddress.of(address) + this.#others.registeredOf(address);
    const penalty = this.#limits[penaltyFor[violation]] / (1 + registered);
    this.#penalties.add(address, penalty);
    return penalty;
  }

  #changed(address: string, what: SourceCount, by: number): void {
    if (address !== '') this.onSourceChange?.(sourceChange(address, { [what]: by }));
  }

  #sourceOf(remoteAddress: string): KnownSource {
    let known = this.#known.get(remoteAddress);
    if (!known) {
      const source = sourceOf(remoteAddress, this.#limits.prefixLengths);
      const isLimited = source.address !== '' && !this.#exempt.has(remoteAddress);
      known = { ...source, remoteAddress, isLimited };
      if (this.#known.size >= maxKnown) this.#known.clear();
      this.#known.set(remoteAddress, known);
    }
    return known;
  }

  #refusedByOperator(remoteAddress: string): ConnectionRejection | null {
    if (this.closing) return because('closing');
    if (this.draining) return because('draining');
    const banned = this.bans.remaining(remoteAddress);
    if (banned === 0) return null;
    return because('banned', Number.isFinite(banned) ? banned : null);
  }

  #refusal({ address, prefix, isLimited }: KnownSource): ConnectionRejection | null {
    const limits = this.#limits;
    if (this.#open >= limits.maxConnections) return because('max-connections');
    if (isLimited) {
      if (this.overloaded) return because('overloaded', 1_000);
      const penalty = this.#penalties.remaining(address);
      if (penalty > 0) return because('penalty', penalty);
      const fromAddress = this.#byAddress.of(address) + this.#others.unregisteredOf(address);
      if (fromAddress >= limits.maxUnregisteredPerAddress) return because('per-address');
      const fromPrefix = this.#byPrefix.of(prefix) + this.#others.unregisteredIn(prefix);
      if (fromPrefix >= limits.maxUnregisteredPerPrefix) return because('per-prefix');
    }
    return this.#refusedEarly() ? because('max-unregistered') : null;
  }

  #refusedEarly(): boolean {
    const { from, percent, full } = this.#limits.maxUnregistered;
    const there = this.#unregistered;
    if (there < from) return false;
    if (there >= full) return true;
    const probability = percent + ((100 - percent) * (there - from)) / (full - from);
    return this.#random() * 100 < probability && !this.#makeRoom();
  }

  #newPenalties(): Penalties {
    const { penaltyMin: min, penaltyMax: max, penaltySources: sources } = this.#limits;
    return new Penalties({ min, max, sources, now: this.#now });
  }
}

function because(reason: RejectionReason, retryAfter: number | null = null): ConnectionRejection {
  // Whole milliseconds, rounded up: a client that waits that long is not too early.
  return { reason, retryAfter: retryAfter === null ? null : Math.ceil(retryAfter) };
}

function sameRate(one: Rate, other: Rate): boolean {
  return one.perSecond === other.perSecond && one.burst === other.burst;
}
