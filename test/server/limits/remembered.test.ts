import { describe, expect, it } from 'vitest';
import type { TurnedAway } from '../../../adapters/server/limits/index.js';
import { door } from './door.js';

describe('what is remembered of an address', () => {
  it('T33: turns it away for as long as its penalty lasts, with when to try again', () => {
    const { admission, clock, refusal } = door();
    admission.penalise('10.0.0.1', 'refused');
    admission.penalise('10.0.0.1', 'silent');
    expect(refusal('10.0.0.1')).toBe(null);
    admission.penalise('::ffff:10.0.0.1', 'timeout');
    const turnedAway: TurnedAway = { cause: 'penalty', retryAfter: 16_000 };
    expect(admission.admit('10.0.0.1')).toEqual(turnedAway);
    expect(refusal('10.0.0.2')).toBe(null);
    clock.time += 15_999;
    expect(admission.admit('10.0.0.1')).toEqual({ ...turnedAway, retryAfter: 1 });
    clock.time += 1;
    expect(refusal('10.0.0.1')).toBe(null);
  });

  it('T33: is a penalty of the size its offence has', () => {
    const sizes = { refused: 5_000, silent: 1_000, timeout: 10_000, 'protocol-error': 10_000 };
    for (const [offence, size] of Object.entries(sizes)) {
      const { admission } = door({ penaltyMin: 1 });
      admission.penalise('10.0.0.1', offence as keyof typeof sizes);
      expect(admission.admit('10.0.0.1')).toEqual({ cause: 'penalty', retryAfter: size });
    }
  });

  it('T33: is for the whole /64 of IPv6, and never for exempt addresses or what has none', () => {
    const { admission, refusal } = door({ exempt: ['127.0.0.0/8'], penaltyMin: 1 });
    for (const address of ['2001:db8::1', '127.0.0.1', '']) admission.penalise(address, 'timeout');
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
    const registrations = (address: string) => ten.filter(() => admission.mayRegister(address));
    const errors = (address: string) => ten.filter(() => admission.mayErr(address));
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
    admission.penalise('10.0.0.1', 'timeout');
    while (admission.mayRegister('10.0.0.1'));
    const place = enter('10.0.9.1');
    admission.limits = {
      ...limits,
      maxUnregisteredPerAddress: 1,
      prefixLengths: { ipv4: 8, ipv6: 32 },
      exempt: ['10.0.9.1'],
      registrationRate: { ...limits.registrationRate },
    };
    expect(refusal('10.0.0.1')).toBe('penalty');
    expect(admission.mayRegister('10.0.0.1')).toBe(false);
    place.release();
    admission.limits = { ...limits, penaltyMax: 20_000, maxUnregisteredPerAddress: 1 };
    expect(refusal('10.0.0.1'), 'another limit, another table').toBe(null);
    enter('10.0.9.1');
    expect(refusal('10.0.9.1')).toBe('per-address');
  });
});
