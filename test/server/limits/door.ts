import {
  Admission,
  type AdmissionLimits,
  ConnectionSlot,
  type RejectionReason,
} from '../../../adapters/server/limits/index.js';

export const defaults: AdmissionLimits = {
  maxConnections: 10_000,
  maxUnregistered: { from: 1_000, percent: 30, full: 5_000 },
  maxUnregisteredPerAddress: 128,
  maxUnregisteredPerPrefix: 512,
  prefixLengths: { ipv4: 24, ipv6: 48 },
  exempt: [],
  registrationRate: { perSecond: 20, burst: 100 },
  errorRate: { perSecond: 10, burst: 100 },
  penaltyRefused: 5_000,
  penaltySilent: 1_000,
  penaltyTimeout: 10_000,
  penaltyProtocolError: 10_000,
  penaltyMin: 15_000,
  penaltyMax: 600_000,
  penaltySources: 65_536,
};

/** A door with a clock that stands still until it is set, and chance that is the same in every run. */
export function door(changed: Partial<AdmissionLimits> = {}, random = mulberry32(1)) {
  const clock = { time: 1_000 };
  const limits = { ...defaults, ...changed };
  const admission = new Admission({ limits, random, now: () => clock.time });
  /** A place that there has to be. */
  const enter = (address: string): ConnectionSlot => {
    const answer = admission.admit(address);
    if (!(answer instanceof ConnectionSlot))
      throw new Error(`${address} was turned away: ${answer.reason}`);
    return answer;
  };
  /** Why one is turned away, or null; the place is given back. */
  const refusal = (address: string): RejectionReason | null => {
    const answer = admission.admit(address);
    if (!(answer instanceof ConnectionSlot)) return answer.reason;
    answer.release();
    return null;
  };
  /** So many connections, each from an address and a block of its own. */
  const crowd = (size: number) =>
    Array.from({ length: size }, (_, index) => enter(stranger(index)));
  return { admission, clock, limits, enter, refusal, crowd };
}

/** A small generator of random numbers, by Tommy Ettinger. */
export function mulberry32(seed: number) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const stranger = (index: number) => `20.${(index >> 8) & 255}.${index & 255}.1`;
