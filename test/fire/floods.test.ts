import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GateChild, Load, type LoadOptions, servedDuring } from '../support/load.js';
import { churn, refusals } from '../support/load-churn.js';

let load: Load;
beforeAll(async () => {
  load = await Load.open();
});
afterAll(() => load[Symbol.asyncDispose]());

/** Each flood, and what becomes of those who make it. */
const floods: readonly (readonly [
  behaviour: string,
  options: Partial<LoadOptions>,
  outcome: string,
])[] = [
  ['flood with errors', { atOnce: 8 }, 'closed'],
  ['flood and never read', { atOnce: 8 }, 'closed'],
  ['talk garbage', { atOnce: 16 }, 'closed'],
  ['reset', { atOnce: 16 }, 'reset'],
  ['reset while asking', { atOnce: 16 }, 'reset'],
  ['leave', { atOnce: 16 }, 'left'],
  ['register', { atOnce: 16 }, 'registered'],
  ['register and drop', { atOnce: 16 }, 'registered'],
  ['be refused', { atOnce: 16 }, 'refused'],
  ['send 1,000 frames at once', { atOnce: 4 }, 'answered'],
  ['send 1,000 frames at once, as a stranger', { atOnce: 16 }, '16 errors'],
  ['read slowly', { atOnce: 8 }, 'registered'],
  ['read nothing', { atOnce: 8 }, 'closed'],
];

describe('While many clients of one kind come as fast as they can, others are served', () => {
  it.each(floods)(
    '%s',
    async (behaviour, options, outcome) => {
      await using gate = await GateChild.open({ writeTimeout: 1_000 });
      const { port } = gate;
      const sources = { first: '127.0.1.1', addresses: 200 };
      const flood = load.run(behaviour, {
        port,
        sources,
        atOnce: 8,
        milliseconds: 700,
        ...options,
      });
      const { result, answers } = await servedDuring(port, flood);
      expect(Object.keys(result.outcomes)).toEqual([outcome]);
      expect(answers).toBeGreaterThan(5);
      const { unregistered, registered } = await gate.empty();
      expect({ unregistered, registered }).toEqual({ unregistered: 0, registered: 0 });
      expect(await gate.problems()).toEqual([]);
      expect(await gate.warnings()).toEqual([]);
    },
    60_000,
  );

  it('drip in byte by byte', async () => {
    await using gate = await GateChild.open({ registrationTimeout: 2_000 });
    const { port } = gate;
    const sources = { first: '127.0.1.1', addresses: 200 };
    const dripping = load.hold({ port, count: 500, sources, drip: 50 }).then(async (failed) => {
      // A byte now and then moves no deadline.
      while ((await gate.counts()).outcomes['timed-out'] < 500);
      return failed;
    });
    const { result, answers } = await servedDuring(port, dripping);
    expect(result).toEqual({});
    expect(answers).toBeGreaterThan(5);
  }, 60_000);
});

describe('After a flood everything is where it was', () => {
  it('T11: memory, descriptors, timers and sessions, when clients connected and reset for two seconds', async () => {
    const { clients, before, after } = await churn(2_000);
    expect(clients).toBeGreaterThan(50);
    expect(after).toEqual({ ...before, heap: expect.any(Number) });
    expect(after.open).toBe(0);
    expect(after.heap - before.heap).toBeLessThan(5_000_000);
  }, 60_000);

  it('T34: memory, when 20,000 registrations were refused', async () => {
    const { refused, furthest } = await refusals({ count: 20_000, rounds: 4, warmUp: 500 });
    expect(refused).toBeGreaterThanOrEqual(20_000);
    expect(furthest).toBeLessThan(5_000_000);
  }, 60_000);
});
