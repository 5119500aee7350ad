import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeGatesAfterEach, openGate } from '../support/gate.js';
import { lineClient } from '../support/line-client.js';
import { GateChild, Load, servedDuring } from '../support/load.js';
import { churn, refusals } from '../support/load-churn.js';

closeGatesAfterEach();

let load: Load;
let gate: GateChild;
beforeAll(async () => {
  [load, gate] = await Promise.all([Load.open(), GateChild.open({ writeTimeout: 1_000 })]);
});
afterAll(() => Promise.all([load, gate].map((child) => child[Symbol.asyncDispose]())));

/** Each flood, the number of concurrent clients, and their outcome. */
const floods: readonly (readonly [behaviour: string, atOnce: number, outcome: string])[] = [
  ['flood with errors', 8, 'closed'],
  ['flood and never read', 8, 'closed'],
  ['talk garbage', 16, 'closed'],
  ['reset', 16, 'reset'],
  ['reset while asking', 16, 'reset'],
  ['leave', 16, 'left'],
  ['register', 16, 'registered'],
  ['register and drop', 16, 'registered'],
  ['be refused', 16, 'refused'],
  ['send 1,000 frames at once', 4, 'answered'],
  ['send 1,000 frames at once, unregistered', 16, '16 errors'],
  ['read slowly', 8, 'registered'],
  ['read nothing', 8, 'closed'],
];

describe('While many clients of one kind connect as fast as they can, others are served', () => {
  it.each(floods)(
    '%s',
    async (behaviour, atOnce, outcome) => {
      const { port } = gate;
      const sources = { first: '127.0.1.1', addresses: 200 };
      const flood = () => load.run(behaviour, { port, sources, atOnce, milliseconds: 400 });
      const { result, served } = await servedDuring(port, flood);
      expect(Object.keys(result.outcomes)).toEqual([outcome]);
      expect(served).toBeGreaterThan(0);
      const { unregistered, registered } = await gate.empty();
      expect({ unregistered, registered }).toEqual({ unregistered: 0, registered: 0 });
      expect(await gate.warnings()).toEqual([]);
    },
    60_000,
  );

  it('drip in byte by byte', async () => {
    await using gate = await GateChild.open({ registrationTimeout: 2_000 });
    const { port } = gate;
    const sources = { first: '127.0.1.1', addresses: 200 };
    const { result } = await servedDuring(port, async () => {
      const failed = await load.hold({ port, count: 500, sources, drip: 50 });
      // Single bytes do not move a deadline.
      await expect
        .poll(async () => (await gate.counts()).outcomes['timed-out'], { timeout: 30_000 })
        .toBe(500);
      return failed;
    });
    expect(result).toEqual({});
  }, 60_000);
});

describe('A client that resets its connection', () => {
  it('T11: takes no slot when it does so before the accept', async () => {
    await using gate = await GateChild.open({ exempt: [] });
    const { port } = gate;
    gate.freeze();
    const sources = { first: '127.0.1.1', addresses: 10 };
    const { outcomes } = await load.run('reset', { port, sources, atOnce: 16, count: 500 });
    expect(outcomes).toEqual({ reset: 500 });
    gate.thaw();
    const neighbours = { port, sources, atOnce: 1, count: 10 };
    expect((await load.run('register', neighbours)).outcomes).toEqual({ registered: 10 });
    expect((await gate.empty()).accepted).toBe(10);
  });

  it('T33: gets penaltySilent when it sent something other than a registration', async () => {
    const { server, port } = await openGate({ exempt: [], penaltySilent: 20_000 });
    const client = await lineClient(port);
    expect(await client.ask({ messageName: 'RequestOther', referenceId: 1 })).toMatchObject({
      messageName: 'EventError',
    });
    const disconnected = once(server, 'disconnected');
    client.socket.resetAndDestroy();
    await disconnected;
    await using again = await lineClient(port);
    expect(await again.next()).toMatchObject({ errorCode: 6 });
    expect(server.counts()).toMatchObject({ outcomes: { refused: 1 }, rejected: { penalty: 1 } });
  });
});

describe('After a flood all resources are released', () => {
  it('T11: memory, descriptors, timers and sessions, after clients connected and reset for two seconds', async () => {
    const { clients, before, after } = await churn({ milliseconds: 2_000, warmUp: 1_000 });
    expect(clients).toBeGreaterThan(50);
    expect(after).toEqual({ ...before, heap: expect.any(Number) });
    expect(after.open).toBe(0);
    expect(after.heap - before.heap).toBeLessThan(5_000_000);
  }, 60_000);

  it('T34: memory, after 20,000 rejected registrations', async () => {
    const { refused, furthest } = await refusals({ count: 20_000, rounds: 4, warmUp: 500 });
    expect(refused).toBeGreaterThanOrEqual(20_000);
    expect(furthest).toBeLessThan(5_000_000);
  }, 60_000);
});
