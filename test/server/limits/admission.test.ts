import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConnectionSlot } from '../../../adapters/server/limits/index.js';
import { defaults, door, mulberry32, sourceAt } from './door.js';

const wide = { maxUnregistered: { from: 10_000, percent: 0, full: 10_000 } };
const never = () => 0.999_999;

describe('connections in all', () => {
  it('T9: have a maximum, and a client that leaves makes room', () => {
    const { admission, crowd, refusal } = door({ maxConnections: 3 });
    const places = crowd(3);
    expect(refusal('10.0.0.1')).toBe('max-connections');
    places[0]?.release();
    expect(admission.open).toBe(2);
    expect(refusal('10.0.0.1')).toBe(null);
  });

  it('T9: hold a place for as long as they are open, registered or not', () => {
    const { admission, crowd, refusal } = door({ maxConnections: 3 });
    const places = crowd(3);
    for (const place of places) place.registered();
    expect([admission.open, admission.unregistered]).toEqual([3, 0]);
    expect(refusal('10.0.0.1')).toBe('max-connections');
  });

  it('T9: give their place back once, however often they are released', () => {
    const { admission, crowd } = door();
    const [first, second] = crowd(3);
    first?.release();
    first?.release();
    first?.registered();
    expect([admission.open, admission.unregistered]).toEqual([2, 2]);
    second?.registered();
    second?.registered();
    expect([admission.open, admission.unregistered]).toEqual([2, 1]);
    second?.release();
    second?.release();
    expect([admission.open, admission.unregistered]).toEqual([1, 1]);
  });

  it('say when they were accepted, on the clock that never jumps', () => {
    const { clock, enter } = door();
    clock.time = 77;
    expect(enter('10.0.0.1').acceptedAt).toBe(77);
  });

  it('are rejected while the gate shuts down, and for a second while it is overloaded unless they are exempt', () => {
    const { admission, refusal } = door({ exempt: ['127.0.0.1'] });
    admission.overloaded = true;
    expect(admission.admit('10.0.0.1')).toEqual({ reason: 'overloaded', retryAfter: 1_000 });
    expect(refusal('127.0.0.1')).toBe(null);
    admission.overloaded = false;
    expect(refusal('10.0.0.1')).toBe(null);
    admission.closing = true;
    expect(admission.admit('127.0.0.1')).toEqual({ reason: 'closing', retryAfter: null });
    expect([admission.open, admission.unregistered]).toEqual([0, 0]);
  });
});

describe('connections that are not registered', () => {
  it('T9: of one address are so many at most; registered ones do not count', () => {
    const { enter, refusal } = door({ maxUnregisteredPerAddress: 3 });
    const places = [1, 2, 3].map(() => enter('10.0.0.1'));
    expect(refusal('10.0.0.1')).toBe('per-address');
    expect(refusal('10.0.0.2'), 'another is not affected').toBe(null);
    places[0]?.registered();
    places.push(enter('10.0.0.1'));
    expect(refusal('10.0.0.1')).toBe('per-address');
    places[0]?.release();
    expect(refusal('10.0.0.1'), 'it made its room when it registered').toBe('per-address');
    places[1]?.release();
    places[1]?.release();
    enter('10.0.0.1');
    expect(refusal('10.0.0.1'), 'and this one once').toBe('per-address');
  });

  it('T9: of one /64 of IPv6 count together, and IPv4 over IPv6 as IPv4', () => {
    const { enter, refusal } = door({ maxUnregisteredPerAddress: 2 });
    enter('2001:db8:1:2::1');
    enter('2001:db8:1:2:aaaa::2');
    expect(refusal('2001:db8:1:2:bbbb::3')).toBe('per-address');
    expect(refusal('2001:db8:1:3::1')).toBe(null);
    enter('10.0.0.1');
    enter('::ffff:10.0.0.1');
    expect(refusal('10.0.0.1')).toBe('per-address');
    expect(refusal('::ffff:10.0.0.1')).toBe('per-address');
    expect(refusal('::ffff:10.0.0.2')).toBe(null);
  });

  it('T9: of one block of addresses are so many at most', () => {
    const { enter, refusal } = door({ maxUnregisteredPerPrefix: 3 });
    const [first] = [1, 2, 3].map((host) => enter(`10.0.0.${host}`));
    expect(refusal('10.0.0.99')).toBe('per-prefix');
    expect(refusal('10.0.1.99')).toBe(null);
    for (const net of [1, 2, 3]) enter(`2001:db8:7:${net}::1`);
    expect(refusal('2001:db8:7:ffff::1')).toBe('per-prefix');
    expect(refusal('2001:db8:8::1')).toBe(null);
    first?.registered();
    expect(refusal('10.0.0.99')).toBe(null);
  });

  it('T9: of exempt addresses, and of what has no address, have only the limits in all', () => {
    const { admission, enter, refusal } = door({
      exempt: ['127.0.0.0/8', '::1'],
      maxUnregisteredPerAddress: 1,
      maxUnregisteredPerPrefix: 1,
      maxConnections: 10,
    });
    for (const address of ['127.0.0.1', '127.0.0.1', '::ffff:127.0.0.1', '::1', '::1', '', '']) {
      enter(address);
    }
    enter('10.0.0.1');
    expect(refusal('10.0.0.1')).toBe('per-address');
    expect([admission.open, admission.unregistered]).toEqual([8, 8]);
    enter('127.0.0.1');
    enter('');
    expect(refusal('127.0.0.1')).toBe('max-connections');
    expect(refusal('')).toBe('max-connections');
  });

  it('T10: of a block of addresses at its limit do not affect clients of other blocks', () => {
    const { enter, admission, refusal } = door({}, never);
    const hog = () => {
      for (let host = 0; host < 2_000; host += 1) admission.admit(`66.6.6.${host % 256}`);
    };
    hog();
    expect(admission.unregistered).toBe(512);
    expect(refusal('66.6.6.1')).toBe('per-prefix');
    for (let index = 0; index < 400; index += 1) {
      enter(sourceAt(index)).registered();
      if (index % 100 === 0) hog();
    }
    expect([admission.open, admission.unregistered]).toEqual([912, 512]);
  });
});

describe('the early refusal of connections that are not registered', () => {
  /** The share of `attempts` that is rejected while a number of connections is open. */
  const share = (there: number, random: () => number) => {
    const { admission, crowd, refusal } = door({ ...wide }, random);
    crowd(there);
    admission.limits = defaults;
    let refused = 0;
    const attempts = 4_000;
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const reason = refusal(`10.0.${attempt & 255}.1`);
      if (reason === 'max-unregistered') refused += 1;
      else expect(reason).toBe(null);
    }
    return refused / attempts;
  };

  it('T9: begins exactly at the first threshold and affects every connection at the second', () => {
    expect(share(999, () => 0)).toBe(0);
    expect(share(1_000, () => 0)).toBe(1);
    expect(share(4_999, never)).toBe(0);
    expect(share(5_000, never)).toBe(1);
  });

  it('T9: is so many percent at the first, exactly, and rises in a straight line', () => {
    const { admission, crowd, refusal } = door(wide, () => chance);
    let chance = 0;
    let places = crowd(1_000);
    admission.limits = defaults;
    const expectLine = (probability: number) => {
      chance = probability - 1e-6;
      expect(refusal('10.0.0.1')).toBe('max-unregistered');
      chance = probability + 1e-6;
      expect(refusal('10.0.0.1')).toBe(null);
    };
    expectLine(0.3);
    chance = 1;
    places = places.concat(crowd(1_000));
    expectLine(0.3 + 0.7 / 4);
    chance = 1;
    places = places.concat(crowd(1_000));
    expectLine(0.3 + (2 * 0.7) / 4);
    for (const place of places) place.release();
    chance = 0;
    expect(refusal('10.0.0.1'), 'all connections are gone').toBe(null);
  });

  it('T9: is at random: as often as it says, over thousands', () => {
    // Three times the standard deviation of 4,000 attempts at most; the seed is fixed, so the figure is the same in every run.
    expect(Math.abs(share(1_000, mulberry32(7)) - 0.3)).toBeLessThan(0.022);
    expect(Math.abs(share(3_000, mulberry32(8)) - 0.65)).toBeLessThan(0.023);
    expect(Math.abs(share(4_800, mulberry32(9)) - 0.965)).toBeLessThan(0.009);
  });

  it('T9: leaves registered clients connected, and accepts new ones again as slots become free', () => {
    const { admission, refusal, crowd, enter } = door({
      maxUnregistered: { from: 10, percent: 100, full: 20 },
    });
    const registered = crowd(10);
    for (const place of registered) place.registered();
    const unregistered = crowd(10);
    expect(refusal('10.0.0.1')).toBe('max-unregistered');
    expect(admission.open).toBe(20);
    unregistered[0]?.release();
    enter('10.0.0.1').registered();
    unregistered[1]?.registered();
    expect(refusal('10.0.0.1')).toBe(null);
    expect([admission.open, admission.unregistered]).toEqual([20, 8]);
  });

  it('may be one threshold from which on all are rejected', () => {
    const { admission, crowd, refusal } = door(wide, never);
    crowd(3);
    admission.limits = { ...defaults, maxUnregistered: { from: 4, percent: 0, full: 4 } };
    expect(refusal('10.0.0.1')).toBe(null);
    crowd(1);
    expect(refusal('10.0.0.1')).toBe('max-unregistered');
  });

  it('is for exempt addresses too', () => {
    const { crowd, refusal } = door({
      exempt: ['127.0.0.1'],
      maxUnregistered: { from: 1, percent: 0, full: 1 },
    });
    crowd(1);
    expect(refusal('127.0.0.1')).toBe('max-unregistered');
  });
});

describe('the counts of a door', () => {
  it('T9: are correct after any accepts, registrations and closes, and never exceed a maximum', () => {
    const step = fc.record({
      do: fc.constantFrom(
        'admit' as const,
        'admit' as const,
        'register' as const,
        'release' as const,
      ),
      block: fc.nat(2),
      host: fc.nat(2),
      which: fc.nat(30),
    });
    const limits = {
      maxConnections: 12,
      maxUnregisteredPerAddress: 2,
      maxUnregisteredPerPrefix: 4,
      maxUnregistered: { from: 8, percent: 0, full: 8 },
    };
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const { admission } = door(limits);
        const inside: {
          place: ConnectionSlot;
          block: number;
          host: number;
          registered: boolean;
        }[] = [];
        const gone: ConnectionSlot[] = [];
        for (const { do: what, block, host, which } of steps) {
          const unregistered = inside.filter(({ registered }) => !registered);
          const ofBlock = unregistered.filter((one) => one.block === block);
          const ofAddress = ofBlock.filter((one) => one.host === host);
          if (what === 'admit') {
            const answer = admission.admit(`10.0.${block}.${host}`);
            const reason = answer instanceof ConnectionSlot ? null : answer.reason;
            const due = () => {
              if (inside.length >= 12) return 'max-connections';
              if (ofAddress.length >= 2) return 'per-address';
              if (ofBlock.length >= 4) return 'per-prefix';
              return unregistered.length >= 8 ? 'max-unregistered' : null;
            };
            expect(reason).toBe(due());
            if (answer instanceof ConnectionSlot)
              inside.push({ place: answer, block, host, registered: false });
          }
          const one = inside[which % (inside.length || 1)];
          if (what === 'register' && one) {
            one.place.registered();
            one.registered = true;
          }
          if (what === 'release' && one) {
            one.place.release();
            gone.push(...inside.splice(inside.indexOf(one), 1).map(({ place }) => place));
          }
          // Whatever happens to those that are gone changes nothing.
          gone[which % (gone.length || 1)]?.release();
          expect(admission.open).toBe(inside.length);
          expect(admission.unregistered).toBe(
            inside.filter(({ registered }) => !registered).length,
          );
        }
      }),
      { numRuns: 300 },
    );
  });
});
