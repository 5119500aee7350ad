import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { GateServer, Validator } from '../../adapters/server/index.js';
import { closedOf } from '../support/closed.js';
import { closeGatesAfterEach, openGate } from '../support/gate.js';
import { type LineClient, registerRequest } from '../support/line-client.js';

closeGatesAfterEach();

/** Blocks the event loop, as a computing validator or a garbage collection does. */
function block(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

/** A validator that accepts after a number of milliseconds. */
const yesAfter =
  (milliseconds: number): Validator =>
  () =>
    new Promise((resolve) => setTimeout(resolve, milliseconds, true));

describe('An answer that races the deadline', () => {
  it('T4: arrives, or the disconnect does, and never both, at every millisecond around it', async () => {
    // The first and the last have one outcome each on any machine; those between race.
    const offsets = [-300, ...Array.from({ length: 41 }, (_, index) => index - 20), 2_000];
    const outcomes = await Promise.all(
      offsets.map(async (offset) => {
        const gate: { server?: GateServer } = {};
        // Answers at an offset in milliseconds from the deadline.
        const validator: Validator = (_, { session }) =>
          new Promise((resolve) => {
            const left = gate.server?.session(session)?.info().deadline ?? 0;
            setTimeout(resolve, left + offset, true);
          });
        const { server, client } = await openGate({ registrationTimeout: 500, validator });
        gate.server = server;
        const registered: string[] = [];
        server.on('registered', ({ id }) => registered.push(id));
        await using one = await client();
        const answer = await one.ask(registerRequest());
        if (answer === null) {
          expect(registered).toEqual([]);
          return 'disconnected';
        }
        expect(answer).toEqual({ messageName: 'EventAck', referenceId: 1 });
        expect(registered).toHaveLength(1);
        // The deadline was stopped: a later message is answered by the service, or not at all.
        expect(await one.ask(registerRequest({ referenceId: 2 }))).toMatchObject({ errorCode: 4 });
        return 'registered';
      }),
    );
    expect([outcomes.at(0), outcomes.at(-1)]).toEqual(['registered', 'disconnected']);
  });
});

describe('After the event loop was blocked for twice the timeout', () => {
  const timeout = 60;

  /** The phases of the event loop from which it can be blocked. */
  const phases: readonly [string, (work: () => void) => void][] = [
    ['a timer', (work) => void setTimeout(work, 0)],
    ['an immediate', (work) => void setImmediate(work)],
    ['a promise', (work) => void Promise.resolve().then(work)],
    ['the next tick', (work) => process.nextTick(work)],
  ];

  /** The messages to a client that tried to register before the loop was blocked. */
  async function answered(hold: (work: () => void) => void, validator?: Validator) {
    const { server, client } = await openGate({
      registrationTimeout: timeout,
      ...(validator && { validator }),
    });
    const connected = once(server, 'connected');
    const one = await client();
    await connected;
    one.say(registerRequest());
    await new Promise<void>((resolve) =>
      hold(() => {
        block(2 * timeout);
        resolve();
      }),
    );
    const answer = await one.next();
    one.socket.destroy();
    return answer;
  }

  it.each(phases)(
    'T6: GATE-5.9 blocked by %s, a registration that had arrived is always answered first',
    async (_what, hold) => {
      for (let time = 0; time < 5; time += 1) {
        expect(await answered(hold)).toEqual({ messageName: 'EventAck', referenceId: 1 });
      }
    },
  );

  it('T6: a registration whose verdict is still missing is always disconnected', async () => {
    for (let time = 0; time < 5; time += 1) {
      expect(await answered((work) => void setTimeout(work, 0), yesAfter(4 * timeout))).toBeNull();
    }
  });

  it('T6: a client that had sent nothing is disconnected', async () => {
    const { server, client } = await openGate({ registrationTimeout: timeout });
    const connected = once(server, 'connected');
    await using one = await client();
    await connected;
    const gone = once(server, 'disconnected');
    block(2 * timeout);
    expect((await gone)[1]).toBe('registration-timeout');
    expect(await one.next()).toBeNull();
  });
});

describe('The deadline of an unregistered client', () => {
  const timeout = 250;
  /** Timers may fire a millisecond early by another clock. */
  const early = 3;

  /** Sends everything that might be mistaken for a timeout option, as long as the connection is open. */
  async function talksUntilItEnds(client: LineClient, say: () => string): Promise<number> {
    const talk = setInterval(() => client.say(say()), 20);
    const ended = await client.ended;
    clearInterval(talk);
    return ended;
  }

  it('T7: is not changed by anything that it sends: attributes, HTTP headers, keep-alives', async () => {
    const wishes = [
      { messageName: 'RequestKeepAlive', timeout: 60_000, registrationTimeout: 60_000 },
      registerRequest({ clientName: '', registrationTimeout: 60_000, extension: { timeout: 1e9 } }),
      { messageName: 'RequestAgentLogin', deadline: null, rejectionTimeout: '24d', extension: {} },
    ].map((message) => JSON.stringify(message));
    await Promise.all(
      wishes.map(async (wish) => {
        // The first error starts the rejection deadline. Both are equal here, so the sum is at most twice as long.
        const { server, client } = await openGate({
          registrationTimeout: timeout,
          rejectionTimeout: timeout,
          maxErrors: 1_000_000,
        });
        const gone = once(server, 'disconnected');
        await using one = await client();
        one.socket.on('data', () => {});
        const ended = await talksUntilItEnds(one, () => `${wish}\n`);
        expect((await gone)[1]).toBe('rejection-timeout');
        expect(ended).toBeGreaterThan(timeout - early);
        expect(ended).toBeLessThan(timeout * 6);
      }),
    );
  });

  it('T1: holds for each of 500 that connected at once: none is disconnected early or stays', async () => {
    const { server, client } = await openGate({
      registrationTimeout: 400,
      maxUnregistered: { from: 1_000, percent: 30, full: 5_000 },
    });
    const lasted: number[] = [];
    server.on('step', ({ to, elapsed }) => {
      if (to === 'disconnected') lasted.push(elapsed);
    });
    const clients = await Promise.all(Array.from({ length: 500 }, client));
    await Promise.all(clients.map(({ ended }) => ended));
    expect(lasted).toHaveLength(500);
    // It runs from the accept; the session begins when the gate handles it.
    expect(Math.min(...lasted)).toBeGreaterThan(400 - 50);
    // The soak measures the promised 250 ms on an idle machine; here other tests run too.
    expect(Math.max(...lasted)).toBeLessThan(400 + 3_000);
    await Promise.all(
      clients.map(({ socket }) => {
        socket.destroy();
        return closedOf(socket);
      }),
    );
  });
});
