import { describe, expect, it } from 'vitest';
import type {
  AdmissionChange,
  ConnectionRejection,
} from '../../../adapters/server/limits/index.js';
import { WorkerConnectionCounts } from '../../../adapters/service/workers/worker-connection-counts.js';
import { door } from './door.js';

describe('what is remembered of an address', () => {
  it('T33: turns it away for as long as its penalty lasts, with when to try again', () => {
    const { admission, clock, refusal } = door();
    admission.addPenalty('10.0.0.1', 'refused');
    admission.addPenalty('10.0.0.1', 'silent');
    expect(refusal('10.0.0.1')).toBe(null);
    admission.addPenalty('::ffff:10.0.0.1', 'timeout');
    const rejected: ConnectionRejection = { reason: 'penalty', retryAfter: 16_000 };
    expect(admission.admit('10.0.0.1')).toEqual(rejected);
    expect(refusal('10.0.0.2')).toBe(null);
    clock.time += 15_999;
    expect(admission.admit('10.0.0.1')).toEqual({ ...rejected, retryAfter: 1 });
    clock.time += 1;
    expect(refusal('10.0.0.1')).toBe(null);
  });

  it('T33: is a penalty of the size its offence has', () => {
    const sizes = { refused: 5_000, silent: 1_000, timeout: 10_000, 'protocol-error': 10_000 };
    for (const [offence, size] of Object.entries(sizes)) {
      const { admission } = door({ penaltyMin: 1 });
      admission.addPenalty('10.0.0.1', offence as keyof typeof sizes);
      expect(admission.admit('10.0.0.1')).toEqual({ reason: 'penalty', retryAfter: size });
    }
  });

  it('T73: is a penalty divided by 1 + the sessions registered from there at that moment', () => {
    const { admission, enter } = door({ penaltyMin: 1 });
    const left = (address: string) => (admission.admit(address) as ConnectionRejection).retryAfter;
    const places = [1, 2, 3, 4].map(() => enter('10.0.0.1'));
    const [first] = places;
    for (const place of places) place.registered();
    enter('10.0.0.2').registered();
    first?.registered();
    admission.addPenalty('::ffff:10.0.0.1', 'timeout');
    expect(left('10.0.0.1')).toBe(2_000);
    first?.release();
    first?.release();
    admission.addPenalty('10.0.0.1', 'timeout');
    expect(left('10.0.0.1')).toBe(4_500);
    for (const place of places) place.release();
    admission.addPenalty('10.0.0.1', 'timeout');
    expect(left('10.0.0.1')).toBe(14_500);
  });

  it('T73: is not softened by connections that are open and not registered', () => {
    const { admission, enter } = door({ penaltyMin: 1 });
    for (let time = 0; time < 9; time += 1) enter('10.0.0.1');
    enter('10.0.0.1').release();
    admission.addPenalty('10.0.0.1', 'timeout');
    expect(admission.admit('10.0.0.1')).toEqual({ reason: 'penalty', retryAfter: 10_000 });
  });

  it('T73: lets 20 good clients reconnect for an hour beside one that is refused every 2 s', () => {
    const { admission, clock, enter } = door();
    const good = Array.from({ length: 20 }, () => enter('10.0.0.1'));
    for (const place of good) place.registered();
    for (let second = 0; second < 3_600; second += 2) {
      clock.time += 2_000;
      const bad = enter('10.0.0.1');
      admission.addPenalty('10.0.0.1', 'refused');
      bad.release();
      const index = (second / 2) % good.length;
      good[index]?.release();
      good[index] = enter('10.0.0.1');
      good[index]?.registered();
    }
    expect(admission.open).toBe(20);
  });

  it('T73: counts the sessions that other workers told of, also after a reload that changes who is exempt', () => {
    const { admission, limits } = door({ penaltyMin: 1 });
    const all: AdmissionChange[] = [];
    const other = door();
    other.admission.onChange = (change) => all.push(change);
    const place = other.enter('10.0.0.1');
    place.registered();
    for (const change of all.splice(0)) admission.count(change);
    admission.addPenalty('10.0.0.1', 'timeout');
    expect(admission.admit('10.0.0.1')).toEqual({ reason: 'penalty', retryAfter: 5_000 });
    admission.limits = { ...limits, exempt: ['10.0.0.1'] };
    place.release();
    for (const change of all.splice(0)) admission.count(change);
    admission.limits = limits;
    admission.addPenalty('10.0.0.1', 'timeout');
    expect(admission.admit('10.0.0.1')).toEqual({ reason: 'penalty', retryAfter: 15_000 });
  });

  it('T33: is for the whole /64 of IPv6, and never for exempt addresses or what has none', () => {
    const { admission, refusal } = door({ exempt: ['127.0.0.0/8'], penaltyMin: 1 });
    for (const address of ['2001:db8::1', '127.0.0.1', ''])
      admission.addPenalty(address, 'timeout');
    expect(refusal('2001:db8::2')).toBe('penalty');
    expect(refusal('2001:db8:0:1::2')).toBe(null);
    expect(refusal('127.0.0.1')).toBe(null);
    expect(refusal('')).toBe(null);
  });

  it('holds its registrations and its errors to their rates, each by itself', () => {
    const { admission, clock } = door({
      exempt: ['127.0.0.1'],
      registrationRate: { perSecond: 1, burst: 3 },
      errorRate: { perSecond: 2, burst: 2 },
    });
    const ten = Array.from({ length: 10 });
    const registrations = (address: string) =>
      ten.filter(() => admission.consumeRegistrationToken(address));
    const errors = (address: string) => ten.filter(() => admission.consumeErrorToken(address));
    expect(registrations('10.0.0.1')).toHaveLength(3);
    expect(errors('10.0.0.1')).toHaveLength(2);
    expect(registrations('::ffff:10.0.0.1')).toHaveLength(0);
    clock.time += 1_000;
    expect(registrations('10.0.0.1')).toHaveLength(1);
    expect(errors('10.0.0.1')).toHaveLength(2);
    for (const address of ['127.0.0.1', '']) {
      expect(registrations(address)).toHaveLength(10);
      expect(errors(address)).toHaveLength(10);
    }
  });

  it('outlives new limits where its own are the same, and counts are right after any', () => {
    const { admission, limits, enter, refusal } = door({ penaltyMin: 1 });
    admission.addPenalty('10.0.0.1', 'timeout');
    while (admission.consumeRegistrationToken('10.0.0.1'));
    const place = enter('10.0.9.1');
    admission.limits = {
      ...limits,
      maxUnregisteredPerAddress: 1,
      prefixLengths: { ipv4: 8, ipv6: 32 },
      exempt: ['10.0.9.1'],
      registrationRate: { ...limits.registrationRate },
    };
    expect(refusal('10.0.0.1')).toBe('penalty');
    expect(admission.consumeRegistrationToken('10.0.0.1')).toBe(false);
    place.release();
    admission.limits = { ...limits, penaltyMax: 20_000, maxUnregisteredPerAddress: 1 };
    expect(refusal('10.0.0.1'), 'another limit, another table').toBe(null);
    enter('10.0.9.1');
    expect(refusal('10.0.9.1')).toBe('per-address');
  });
});

describe('The ledger of a worker', () => {
  it('T73: keeps the address of registered sessions for a new worker, and until the worker has died', () => {
    const ledger = new WorkerConnectionCounts();
    const told: AdmissionChange[] = [];
    const worker = door();
    worker.admission.onChange = (change) => told.push(change);
    worker.enter('10.0.0.1').registered();
    worker.enter('10.0.0.1');
    worker.enter('10.0.0.1').release();
    ledger.add(told);
    expect([ledger.open, ledger.unregistered]).toEqual([2, 1]);
    const { admission } = door({ penaltyMin: 1 });
    for (const change of ledger.entered()) admission.count(change);
    expect([admission.open, admission.unregistered]).toEqual([2, 1]);
    admission.addPenalty('10.0.0.1', 'timeout');
    expect(admission.admit('10.0.0.1')).toEqual({ reason: 'penalty', retryAfter: 5_000 });
    for (const change of ledger.gone()) admission.count(change);
    expect([admission.open, admission.unregistered]).toEqual([0, 0]);
    admission.addPenalty('10.0.0.1', 'timeout');
    expect(admission.admit('10.0.0.1')).toEqual({ reason: 'penalty', retryAfter: 15_000 });
  });
});
