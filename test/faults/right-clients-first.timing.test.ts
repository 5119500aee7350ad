/** Clients without errors are served before clients with errors. */
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { closeGatesAfterEach, openGate } from '../support/gate.js';
import { type LineClient, registerRequest } from '../support/line-client.js';
import { GateChild, Load } from '../support/load.js';

closeGatesAfterEach();

const other = { messageName: 'RequestOther', referenceId: 7 };

async function wrong(client: () => Promise<LineClient>): Promise<LineClient> {
  const one = await client();
  expect(await one.ask(other)).toMatchObject({ messageName: 'EventError', errorCode: 1 });
  return one;
}

describe('Too many unregistered connections', () => {
  const maxUnregistered = { from: 3, percent: 100, full: 10 };

  it('T94: GATE-6.6 a client with an error gives up its slot to a new one, oldest first', async () => {
    const { server, client } = await openGate({ maxUnregistered });
    const clients = [await wrong(client), await wrong(client), await wrong(client)];
    const gone = once(server, 'disconnected');
    await using right = await client();
    expect(await right.ask(registerRequest())).toMatchObject({ messageName: 'EventAck' });
    expect((await gone)[1]).toBe('too-many-errors');
    expect(await clients[0]?.next()).toBeNull();
    expect(await clients[1]?.ask(other)).toMatchObject({ errorCode: 1 });
    expect(server.counts()).toMatchObject({
      rejected: { 'max-unregistered': 0 },
      limits: { maxUnregistered: 1 },
    });
    for (const one of clients) await one[Symbol.asyncDispose]();
  });

  it('T94: others keep theirs: silent clients, clients with a pending request, clients with a transient error', async () => {
    const { server, client } = await openGate({
      maxUnregistered,
      validator: ({ clientName }) => {
        if (clientName === 'slow') return new Promise(() => {});
        throw new Error('not now');
      },
    });
    await using silent = await client();
    await using waiting = await client();
    waiting.say(registerRequest({ clientName: 'slow' }));
    await using unlucky = await client();
    expect(await unlucky.ask(registerRequest())).toMatchObject({ errorCode: 8 });
    await using newcomer = await client();
    expect(await newcomer.next()).toMatchObject({ errorCode: 6 });
    expect(await newcomer.next()).toBeNull();
    expect(server.sessions()).toHaveLength(3);
    expect(silent.socket.destroyed).toBe(false);
  });

  it('T94: a client that registered after its error is safe', async () => {
    const { server, client } = await openGate({
      maxUnregistered: { from: 1, percent: 100, full: 10 },
    });
    await using one = await wrong(client);
    expect(await one.ask(registerRequest())).toMatchObject({ messageName: 'EventAck' });
    await using silent = await client();
    await expect.poll(() => server.counts().unregistered).toBe(1);
    await using rejected = await client();
    expect(await rejected.next()).toMatchObject({ errorCode: 6 });
    expect(server.counts().registered).toBe(1);
    expect(silent.socket.destroyed).toBe(false);
  });
});

describe('Messages of clients with errors', () => {
  it('T94: wait behind the first messages of others', async () => {
    let validated = 0;
    let before = 0;
    const { client } = await openGate({
      validator: ({ clientName }) => {
        if (clientName === 'right') before = validated;
        validated += 1;
        const end = performance.now() + 2;
        while (performance.now() < end);
        return clientName === 'right';
      },
    });
    const clients = await Promise.all(Array.from({ length: 60 }, () => wrong(client)));
    await using right = await client();
    const start = validated;
    const text = `${JSON.stringify(registerRequest({ clientName: 'wrong' }))}\n`;
    for (const one of clients) one.say(text.repeat(10));
    // The gate is busy with them before the valid client sends its request.
    await clients[0]?.next();
    expect(await right.ask(registerRequest({ clientName: 'right' }))).toMatchObject({
      messageName: 'EventAck',
    });
    console.info(`T94: ${before - start} of 600 wrong messages before the right one`);
    expect(before - start).toBeLessThan(45);
    for (const one of clients) await one[Symbol.asyncDispose]();
  });
});

describe('676 connections per second from many addresses, 14 wrong messages each', () => {
  it('T94: do not prevent valid clients from registering', async () => {
    await using gate = await GateChild.open({
      exempt: [],
      maxUnregistered: { from: 50, percent: 30, full: 5_000 },
    });
    await using wrong = await Load.open();
    await using right = await Load.open();
    const { port } = gate;
    const flood = wrong.run('be wrong and stay', {
      port,
      sources: { first: '127.1.0.1', addresses: 1_000_000 },
      atOnce: 17,
      pause: 25,
      milliseconds: 2_500,
    });
    await expect.poll(async () => (await gate.counts()).unregistered).toBeGreaterThanOrEqual(50);
    const sources = { first: '127.200.0.1', addresses: 10_000 };
    const { outcomes } = await right.run('register', { port, sources, atOnce: 4, count: 50 });
    expect(outcomes).toEqual({ registered: 50 });
    await flood;
  });
});
