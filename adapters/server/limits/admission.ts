import { Counts } from './counts.js';
import { Penalties } from './penalties.js';
import type { Rate } from './rate.js';
import { type PrefixLengths, type Source, SourceSet, sourceOf } from './source.js';
import { TokenBuckets } from './token-buckets.js';

/** OpenSSH's MaxStartups: below `from` no connection is rejected, from there `percent` in a hundred, rising to everybody at `full`. */
export interface EarlyRefusal {
  readonly from: number;
  readonly percent: number;
  readonly full: number;
}

/** What is asked of a source, in numbers; durations in milliseconds. */
export interface AdmissionLimits {
  readonly maxConnections: number;
  readonly maxUnregistered: EarlyRefusal;
  readonly maxUnregisteredPerAddress: number;
  readonly maxUnregisteredPerPrefix: number;
  readonly prefixLengths: PrefixLengths;
  readonly exempt: readonly string[];
  readonly registrationRate: Rate;
  readonly errorRate: Rate;
  readonly penaltyRefused: number;
  readonly penaltySilent: number;
  readonly penaltyTimeout: number;
  readonly penaltyProtocolError: number;
  readonly penaltyMin: number;
  readonly penaltyMax: number;
  readonly penaltySources: number;
}

/** Why a connection was turned away before it became a session. */
export const rejectionReasons = {
  closing: 'the gate is shutting down',
  overloaded: 'the event loop was held up',
  'max-connections': 'all connections are taken',
  penalty: 'the address serves a penalty',
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

/** What a source is punished for. */
export type Violation = 'refused' | 'silent' | 'probe' | 'timeout' | 'protocol-error';

const penaltyFor = {
  refused: 'penaltyRefused',
  silent: 'penaltySilent',
  probe: 'penaltySilent',
  timeout: 'penaltyTimeout',
  'protocol-error': 'penaltyProtocolError',
} as const satisfies Record<Violation, keyof AdmissionLimits>;

/** A source, and whether what holds for strangers holds for it. */
interface KnownSource extends Source {
  /** As it was given. */
  readonly remoteAddress: string;
  readonly isLimited: boolean;
}

/** Probes of one address that draw no penalty: load balancers check a port by connecting and closing, or by a plain HTTP request. */
const freeProbes: Rate = { perSecond: 2, burst: 10 };

/** Addresses whose source is remembered: who comes back is not looked up again. */
const mostKnown = 4_096;

/** Who counts places. */
interface SlotCounter {
  registered(source: KnownSource): void;
  left(source: KnownSource): void;
}

/** The place of one connection. It counts as unregistered until it is registered or gone. */
export class ConnectionSlot {
  /** When the connection was accepted, on the clock that never jumps. */
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
 * What an Admission counts of a source, by its address: a connection that got its place, is registered, has left; a registration or an
 * EventError that took a token; an offence.
 */
export type AdmissionChange =
  | readonly [what: 'entered' | 'registered' | 'left' | 'asked' | 'erred', remoteAddress: string]
  | readonly [what: 'offended', remoteAddress: string, offence: Violation];

export interface AdmissionOptions {
  readonly limits: AdmissionLimits;
  /** From 0 up to and without 1. @default Math.random */
  readonly random?: () => number;
  /** A clock that never jumps, in milliseconds. @default performance.now */
  readonly now?: () => number;
  /** Ends an unregistered connection that is worth less than a new one. @returns false when there is none. @default there is none */
  readonly makeRoom?: () => boolean;
}

/** Counts connections and remembers sources, and so decides who may come in. All memory is bounded. */
export class Admission {
  /** Hears what is counted here, and not what others told. */
  onChange: ((change: AdmissionChange) => void) | null = null;
  /** The event loop was held up a moment ago. */
  overloaded = false;
  closing = false;
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
  readonly #known = new Map<string, KnownSource>();
  readonly #counting: SlotCounter;

  constructor(options: AdmissionOptions) {
    const { limits, random = Math.random, now = () => performance.now() } = options;
    this.#random = random;
    this.#now = now;
    this.#makeRoom = options.makeRoom ?? (() => false);
    this.#limits = limits;
    this.#exempt = new SourceSet(limits.exempt);
    this.#penalties = this.#newPenalties();
    this.#registrations = new TokenBuckets({ ...limits.registrationRate, now });
    this.#errors = new TokenBuckets({ ...limits.errorRate, now });
    this.#probes = new TokenBuckets({ ...freeProbes, now });
    this.#counting = {
      registered: (source) => {
        this.#registered(source);
        this.onChange?.(['registered', source.remoteAddress]);
      },
      left: (source) => {
        this.#left(source);
        this.onChange?.(['left', source.remoteAddress]);
      },
    };
  }

  /** Connections that have a place. */
  get open(): number {
    return this.#open;
  }

  /** Those among them that are not registered. */
  get unregistered(): number {
    return this.#unregistered;
  }

  /** New limits for connections from now on. What was remembered of sources is kept where its limits are the same. */
  set limits(limits: AdmissionLimits) {
    const before = this.#limits;
    this.#limits = limits;
    this.#exempt = new SourceSet(limits.exempt);
    this.#known.clear();
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

  /** Gives a connection its place, or says why there is none. */
  admit(remoteAddress: string): ConnectionSlot | ConnectionRejection {
    const source = this.#sourceOf(remoteAddress);
    const refused = this.#refusal(source);
    if (refused) return refused;
    this.#entered(source);
    this.onChange?.(['entered', remoteAddress]);
    return new ConnectionSlot(this.#now(), source, this.#counting);
  }

  /** Counts what another Admission has counted: together they admit as one would that knew of it a little later. */
  count([what, remoteAddress, offence]: AdmissionChange): void {
    const source = this.#sourceOf(remoteAddress);
    if (what === 'entered') this.#entered(source);
    else if (what === 'registered') this.#registered(source);
    else if (what === 'left') this.#left(source);
    else if (!source.isLimited) return;
    else if (what === 'asked') this.#registrations.take(source.address);
    else if (what === 'erred') this.#errors.take(source.address);
    else if (offence) this.#addPenalty(source.address, offence);
  }

  /** Adds to the penalty of an address, the less the more registered sessions the address holds. */
  addPenalty(remoteAddress: string, offence: Violation): void {
    const { address, isLimited } = this.#sourceOf(remoteAddress);
    if (!isLimited) return;
    this.#addPenalty(address, offence);
    this.onChange?.(['offended', remoteAddress, offence]);
  }

  /** Whether an address may ask to register now; counted. */
  consumeRegistrationToken(remoteAddress: string): boolean {
    const { address, isLimited } = this.#sourceOf(remoteAddress);
    if (!isLimited) return true;
    const may = this.#registrations.take(address);
    if (may) this.onChange?.(['asked', remoteAddress]);
    return may;
  }

  /** Whether an address may be sent one EventError more now; counted. */
  consumeErrorToken(remoteAddress: string): boolean {
    const { address, isLimited } = this.#sourceOf(remoteAddress);
    if (!isLimited) return true;
    const may = this.#errors.take(address);
    if (may) this.onChange?.(['erred', remoteAddress]);
    return may;
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

  /** Behind NAT one bad client shares its address with good ones: the sessions registered from there divide the penalty. */
  #addPenalty(address: string, offence: Violation): void {
    if (offence === 'probe' && this.#probes.take(address)) return;
    const whole = this.#limits[penaltyFor[offence]];
    this.#penalties.add(address, whole / (1 + this.#registeredByAddress.of(address)));
  }

  #sourceOf(remoteAddress: string): KnownSource {
    let known = this.#known.get(remoteAddress);
    if (!known) {
      const source = sourceOf(remoteAddress, this.#limits.prefixLengths);
      const isLimited = source.address !== '' && !this.#exempt.has(remoteAddress);
      known = { ...source, remoteAddress, isLimited };
      if (this.#known.size >= mostKnown) this.#known.clear();
      this.#known.set(remoteAddress, known);
    }
    return known;
  }

  #refusal({ address, prefix, isLimited }: KnownSource): ConnectionRejection | null {
    const limits = this.#limits;
    if (this.closing) return because('closing');
    if (this.#open >= limits.maxConnections) return because('max-connections');
    if (isLimited) {
      if (this.overloaded) return because('overloaded', 1_000);
      const penalty = this.#penalties.remaining(address);
      if (penalty > 0) return because('penalty', penalty);
      if (this.#byAddress.of(address) >= limits.maxUnregisteredPerAddress) {
        return because('per-address');
      }
      if (this.#byPrefix.of(prefix) >= limits.maxUnregisteredPerPrefix)
        return because('per-prefix');
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
  return { reason, retryAfter };
}

function sameRate(one: Rate, other: Rate): boolean {
  return one.perSecond === other.perSecond && one.burst === other.burst;
}
