import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { GateCounts } from '../../adapters/server/index.js';
import { closeGatesAfterEach, openGate } from '../support/gate.js';
import { LineClient, registerRequest } from '../support/line-client.js';
import { GateChild, Load, servedDuring } from '../support/load.js';
import { slowestOfBurst, starve } from '../support/load-starvation.js';

closeGatesAfterEach();

const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

/** A connection from its own address. */
async function from(localAddress: string, port: number): Promise<LineClient> {
  const socket = connect({ host: '127.0.0.1', port, localAddress, allowHalfOpen: true });
  sockets.push(socket);
  await once(socket, 'connect');
  return new LineClient(socket);
}

describe('Silent unregistered clients', () => {
  it('T8: a thousand of them stay connected while clients register as before, and none fails', async () => {
    const { rateKept, p99Times, bytesEach } = await starve({
      count: 1_000,
      rounds: 5,
      milliseconds: 200,
    });
    // The soak has the promised figures; here other tests use the same cores.
    expect(rateKept).toBeGreaterThan(0.5);
    expect(p99Times).toBeLessThan(8);
    expect(bytesEach).toBeLessThan(32 * 1_024);
  }, 120_000);

  it('T9: near the limit are rejected at random, registered clients are not affected, and slots are released', async () => {
    const maxUnregistered = { from: 40, percent: 30, full: 120 };
    await using gate = await GateChild.open({ maxUnregistered, registrationTimeout: 3_600_000 });
    await using load = await Load.open();
    const { port } = gate;
    const client = await from('127.0.0.1', port);
    await client.ask(registerRequest());
    const holding = load.hold({ port, count: 600, sources: { first: '127.0.1.1' } });
    // The registered client is answered all the time; the limit does not affect clients with a slot.
    let isOver = false;
    void holding.then(() => {
      isOver = true;
    });
    for (let referenceId = 2; !isOver || referenceId < 20; referenceId += 1) {
      const answer = await client.ask({ messageName: 'RequestAnything', referenceId });
      expect(answer).toEqual({ messageName: 'EventAck', referenceId });
    }
    // The client's connection is established before the gate has accepted it.
    const came = (counts: GateCounts) => counts.accepted + counts.rejected['max-unregistered'];
    await expect.poll(async () => came(await gate.counts())).toBe(601);
    const full = await gate.counts();
    expect(full.limits.maxUnregistered).toBe(full.rejected['max-unregistered']);
    // By chance fewer than the limit, never more: the last slots are rarely granted.
    expect(full.unregistered).toBeGreaterThan(60);
    expect(full.unregistered).toBeLessThanOrEqual(120);
    expect(full.registered).toBe(1);

    await load.release();
    await expect.poll(async () => (await gate.counts()).unregistered).toBe(0);
    const newcomer = await from('127.0.0.1', port);
    expect(await newcomer.ask(registerRequest({ clientName: 'newcomer' }))).toMatchObject({
      messageName: 'EventAck',
    });
  }, 60_000);

  it('T9: above the start value new ones are rejected at random, with the configured probability, and notified', async () => {
    const chances = [0.99, 0.29, 0.5, 0];
    const { server, port } = await openGate({
      maxUnregistered: { from: 1, percent: 30, full: 10_000 },
      random: () => chances.shift() ?? 0.99,
    });
    const unregistered = await from('127.0.0.1', port);
    const came: unknown[] = [];
    const rejected = { messageName: 'EventError', referenceId: null, errorCode: 6 };
    // With one unregistered client, 30 percent are rejected.
    for (let one = 0; one < 4; one += 1) {
      const client = await from('127.0.0.1', port);
      const answer = await client.ask(registerRequest());
      came.push(answer?.messageName);
      if (answer?.messageName === 'EventError') expect(answer).toMatchObject(rejected);
    }
    expect(came).toEqual(['EventAck', 'EventError', 'EventAck', 'EventError']);
    expect(server.counts().unregistered).toBe(1);
    unregistered.socket.destroy();
  });
});

describe('A block of addresses that uses its whole limit', () => {
  it('T10: takes nothing from the others', async () => {
    await using gate = await GateChild.open({
      exempt: [],
      registrationTimeout: 3_600_000,
      registrationRate: { perSecond: 1_000_000, burst: 1_000_000 },
    });
    await using load = await Load.open();
    const { port } = gate;
    const hog = { first: '127.0.1.0', addresses: 256, each: 8 };
    const { result } = await servedDuring(port, () =>
      load.hold({ port, count: 2_000, sources: hog }),
    );
    expect(result).toEqual({});
    await expect.poll(async () => (await gate.counts()).rejected['per-prefix']).toBe(2_000 - 512);
    const { limits, unregistered } = await gate.counts();
    expect(unregistered).toBe(512);
    expect(limits.maxUnregisteredPerPrefix).toBe(2_000 - 512);

    const others = await load.run('register', {
      port,
      sources: { first: '127.0.2.1', addresses: 200 },
      atOnce: 16,
      count: 400,
    });
    expect(others.outcomes).toEqual({ registered: 400 });
    const hogs = { first: '127.0.1.7' };
    const another = await load.run('register', { port, sources: hogs, atOnce: 1, count: 5 });
    expect(another.outcomes).toEqual({ 'connection-rejected': 5 });
  }, 60_000);

  it('T10: an address that uses its whole limit takes nothing from its block', async () => {
    await using gate = await GateChild.open({ exempt: [], registrationTimeout: 3_600_000 });
    await using load = await Load.open();
    const { port } = gate;
    await load.hold({ port, count: 300, sources: { first: '127.0.1.1' } });
    await expect.poll(async () => (await gate.counts()).rejected['per-address']).toBe(300 - 128);
    const neighbours = await load.run('register', {
      port,
      sources: { first: '127.0.1.2', addresses: 20 },
      atOnce: 4,
      count: 60,
    });
    expect(neighbours.outcomes).toEqual({ registered: 60 });
  }, 60_000);
});

describe('Clients that all connect at once', () => {
  it.each([256, 1_024])(
    'T13: %i of them are accepted without the second that a lost SYN costs',
    async (count) => {
      expect(await slowestOfBurst(count)).toBeLessThan(900);
    },
    60_000,
  );
});
