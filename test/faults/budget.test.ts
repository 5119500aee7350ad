import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { closeGatesAfterEach, openGate } from '../support/gate.js';
import { type Line, type LineClient, lineClient, registerRequest } from '../support/line-client.js';
import { GateChild } from '../support/load.js';
import { WireClient } from '../support/wire-client.js';

closeGatesAfterEach();

const other = `${JSON.stringify({ messageName: 'RequestAgentLogin', referenceId: 7 })}\n`;

describe('The limits of an unregistered client', () => {
  it('T26: GATE-6.5 1,000 messages in one chunk get sixteen errors and the close, and the rest is not parsed', async () => {
    const { server, client } = await openGate();
    const heard: string[] = [];
    server.on('step', ({ direction, name }) => {
      if (direction === 'in') heard.push(name);
    });
    const gone = once(server, 'disconnected');
    await using one = await client();
    one.say(other.repeat(1_000));
    for (let error = 0; error < 16; error += 1) {
      expect(await one.next()).toMatchObject({ messageName: 'EventError', errorCode: 1 });
    }
    expect(await one.next()).toBeNull();
    expect((await gone)[1]).toBe('too-many-errors');
    expect(heard).toHaveLength(16);
    expect(server.counts().limits).toMatchObject({ maxErrors: 1, errorRate: 0 });
  });

  it('T26: the limit is an option, and a registration within it is granted', async () => {
    const { client } = await openGate({ maxErrors: 3 });
    await using one = await client();
    one.say(other.repeat(2));
    await one.next();
    await one.next();
    expect(await one.ask(registerRequest())).toMatchObject({ messageName: 'EventAck' });
    // Errors of a registered client are not counted.
    for (let again = 0; again < 5; again += 1) {
      expect(await one.ask(registerRequest())).toMatchObject({ errorCode: 4 });
    }
  });

  it('T26: the errors of all connections of an address share a rate and a burst', async () => {
    const { server, client } = await openGate({
      exempt: [],
      errorRate: { perSecond: 1, burst: 5 },
    });
    await using one = await client();
    one.say(other.repeat(4));
    for (let error = 0; error < 4; error += 1)
      expect(await one.next()).toMatchObject({ errorCode: 1 });
    const gone = once(server, 'disconnected');
    await using second = await client();
    second.say(other.repeat(4));
    const said: (Line | null)[] = [];
    while (said.at(-1) !== null) said.push(await second.next());
    expect((await gone)[1]).toBe('too-many-errors');
    // One of the five tokens was left, and another may have been added; the close follows the last error.
    expect(said.length).toBeLessThan(5);
    expect(server.counts().limits.errorRate).toBe(1);
  });

  it('registrations of an address have a rate: excess ones get server-busy and may try again', async () => {
    const { server, client } = await openGate({
      exempt: [],
      registrationRate: { perSecond: 5, burst: 2 },
      validator: ({ clientName }) => clientName === 'desk-1',
    });
    await using one = await client();
    const unknown = registerRequest({ clientName: 'unknown' });
    expect(await one.ask(unknown)).toMatchObject({ errorCode: 2 });
    expect(await one.ask(unknown)).toMatchObject({ errorCode: 2 });
    expect(await one.ask(registerRequest())).toEqual({
      messageName: 'EventError',
      referenceId: 1,
      errorCode: 6,
      errorDescription: 'too many registrations from this address; try again in a second',
    });
    await expect.poll(async () => (await one.ask(registerRequest()))?.messageName).toBe('EventAck');
    expect(server.counts().limits.registrationRate).toBeGreaterThan(0);
  });

  /** Sends and never reads, until the connection is closed. */
  function flood(client: LineClient): void {
    client.socket.pause();
    client.socket.removeAllListeners('data');
    for (let piece = 0; piece < 20; piece += 1) client.socket.write(other.repeat(1_000));
  }

  it('T27: one that floods and never reads is disconnected within 100 ms of its budget', async () => {
    const { server, client } = await openGate();
    const late: number[] = [];
    let spent = 0;
    server.on('refused', (session) => {
      if (session.info().errors === 16) spent = performance.now();
    });
    server.on('disconnected', () => late.push(performance.now() - spent));
    for (let time = 0; time < 20; time += 1) {
      const gone = once(server, 'disconnected');
      const one = await client();
      flood(one);
      await gone;
      one.socket.destroy();
    }
    console.info(`T27: disconnected ${Math.max(...late).toFixed(1)} ms after the budget at most`);
    expect(Math.max(...late)).toBeLessThan(100);
    await expect.poll(() => server.counts().open).toBe(0);
  });

  it('T27: one that floods and never reads costs less than 1 MiB', async () => {
    await using gate = await GateChild.open();
    const twenty = async () => {
      const clients = await Promise.all(Array.from({ length: 20 }, () => lineClient(gate.port)));
      clients.forEach(flood);
      return clients;
    };
    const leave = async (clients: readonly LineClient[]) => {
      for (const { socket } of clients) socket.destroy();
      await gate.empty();
    };
    // Code that runs for the first time allocates memory.
    for (let time = 0; time < 3; time += 1) await leave(await twenty());
    const before = (await gate.memory()).rss;
    const refused = (await gate.counts()).outcomes.refused;
    const clients = await twenty();
    let most = 0;
    const seen = async () => {
      most = Math.max(most, (await gate.memory()).rss - before);
      return (await gate.counts()).outcomes.refused - refused;
    };
    await expect.poll(seen, { interval: 5 }).toBe(20);
    await leave(clients);
    console.info(`T27: ${Math.round(most / 20 / 1_024)} KiB for each of 20 at most`);
    expect(most / 20).toBeLessThan(1_048_576);
  });
});

describe('The length of a message', () => {
  const sized = (message: Line, length: number): string => {
    const empty = JSON.stringify({ ...message, filler: '' }).length;
    return JSON.stringify({ ...message, filler: 'x'.repeat(length - empty) });
  };

  it.each([
    ['before registration', 8_192, false],
    ['after it', 65_536, true],
  ])('T14: %s is at most %i bytes', async (_when, limit, isRegistered) => {
    for (const [length, wanted] of [
      [limit - 1, 'read'],
      [limit, 'read'],
      [limit + 1, 'refused'],
    ] as const) {
      const { client } = await openGate({ onMessage: ({ reply }) => void reply.ack() });
      await using one = await client();
      if (isRegistered) await one.ask(registerRequest());
      const message = isRegistered
        ? { messageName: 'RequestLong', referenceId: 1 }
        : registerRequest();
      expect(await one.ask(`${sized(message, length)}\n`)).toEqual(
        wanted === 'read'
          ? { messageName: 'EventAck', referenceId: 1 }
          : {
              messageName: 'EventError',
              referenceId: null,
              errorCode: 5,
              errorDescription: `the frame is too long; at most ${limit} bytes are allowed`,
            },
      );
    }
  });

  it('T14: on WebSocket the same limits apply, the larger one after the registration', async () => {
    const { server } = await openGate({
      listen: ['ws://127.0.0.1:0'],
      onMessage: ({ reply }) => void reply.ack(),
    });
    const [endpoint] = server.endpoints;
    if (!endpoint) throw new Error('the gate does not listen');
    const filled = (message: Line, length: number) => JSON.parse(sized(message, length));
    const unregistered = await WireClient.open(endpoint);
    expect(await unregistered.ask(filled(registerRequest(), 8_193))).toMatchObject({
      errorCode: 5,
    });
    await unregistered.ended;
    expect(unregistered.closeCode).toBe(1009);
    const desk = await WireClient.open(endpoint);
    expect(await desk.ask(filled(registerRequest(), 8_192))).toMatchObject({
      messageName: 'EventAck',
    });
    const long = { messageName: 'RequestLong', referenceId: 2 };
    expect(await desk.ask(filled(long, 65_536))).toMatchObject({ messageName: 'EventAck' });
    desk.destroy();
  });

  it('limits of attributes and nesting are options', async () => {
    const { server, client } = await openGate({ maxAttributes: 6, maxDepth: 2 });
    await using one = await client();
    expect(await one.ask(registerRequest({ a: 1, b: 2, c: 3 }))).toMatchObject({
      errorCode: 5,
      errorDescription:
        'the message has too many attributes; at most 6 are allowed, nested ones included',
    });
    await using other = await client();
    expect(await other.ask(registerRequest({ extension: { deep: {} } }))).toMatchObject({
      errorCode: 5,
      errorDescription: 'the message is nested too deeply; at most 2 levels are allowed',
    });
    expect(server.counts().limits).toMatchObject({ maxAttributes: 1, maxDepth: 1 });
  });
});
