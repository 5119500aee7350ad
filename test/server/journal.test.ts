import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import {
  type Journal,
  type ServerOptions,
  type Validator,
  valid,
} from '../../adapters/server/index.js';
import type { StepRecord } from '../../machines/index.js';
import { closeGatesAfterEach, openGate } from '../support/gate.js';
import { type LineClient, registerRequest } from '../support/line-client.js';

closeGatesAfterEach();

/** A journal that records when the test says. */
class SlowJournal implements Journal {
  readonly steps: StepRecord[] = [];
  requiresDurableAck = true;
  canRecord = true;
  /** The last step it had when it was last asked. */
  last: StepRecord | undefined;
  readonly #waiting: { resolve(): void; reject(error: Error): void }[] = [];
  #wake: () => void = () => {};

  record(step: StepRecord): void {
    this.steps.push(step);
  }

  flushed(): Promise<void> {
    this.last = this.steps.at(-1);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#wake();
    });
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Resolves when so many answers wait for it. */
  async asked(count = 1): Promise<void> {
    while (this.#waiting.length < count) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  succeed(): void {
    for (const { resolve } of this.#waiting.splice(0)) resolve();
  }

  fail(): void {
    for (const { reject } of this.#waiting.splice(0)) reject(new Error('the disk is full'));
  }
}

async function recordedGate(options: ServerOptions = {}) {
  const journal = new SlowJournal();
  const gate = await openGate({ journal, ...options });
  return { ...gate, journal };
}

/** The next message of a client, and whether it has arrived. */
function expecting(client: LineClient) {
  const told = { isThere: false, line: client.next() };
  void told.line.then(() => {
    told.isThere = true;
  });
  return told;
}

/** The gate has read and answered everything that was sent before. */
async function roundTrip(client: LineClient): Promise<void> {
  for (let count = 0; count < 3; count += 1) {
    expect(await client.ask({ messageName: 'RequestPing', referenceId: 9 })).toMatchObject({
      errorCode: 1,
    });
  }
}

const busy = {
  messageName: 'EventError',
  referenceId: 1,
  errorCode: 6,
  errorDescription: 'registrations cannot be recorded now; try again later',
};

describe('An EventAck that waits for the recording', () => {
  it.each<[string, Validator]>([
    ['at once', () => valid],
    ['later', async () => valid],
  ])('waits for its own step, also where the validator decides %s', async (_when, validator) => {
    const { client, journal } = await recordedGate({ validator });
    await using desk = await client();
    desk.say(registerRequest());
    await journal.asked();
    expect(journal.last).toMatchObject({ name: 'EventAck', to: 'registered' });
    journal.succeed();
    expect(await desk.next()).toMatchObject({ messageName: 'EventAck' });
    expect(journal.waiting).toBe(0);
  });

  it('leaves after its step is recorded, and not before', async () => {
    const { client, journal, server } = await recordedGate();
    await using desk = await client();
    await using other = await client();
    desk.say(registerRequest());
    await journal.asked();
    expect(journal.steps.at(-1)).toMatchObject({ name: 'EventAck', to: 'registered' });
    const told = expecting(desk);
    await roundTrip(other);
    expect(told.isThere).toBe(false);
    expect(server.counts().registered).toBe(1);
    journal.succeed();
    expect(await told.line).toEqual({ messageName: 'EventAck', referenceId: 1 });
  });

  it('has everything else behind it: what the service says, and what the client sent with its registration', async () => {
    const asked: string[] = [];
    const { client, journal, server } = await recordedGate({
      onMessage: ({ message, reply }) => {
        asked.push(message.messageName);
        reply.ack();
      },
    });
    await using desk = await client();
    await using other = await client();
    const requests = [2, 3].map((referenceId) => ({ messageName: 'RequestPing', referenceId }));
    const lines = [registerRequest(), ...requests].map((line) => `${JSON.stringify(line)}\n`);
    desk.say(lines.join(''));
    await journal.asked();
    const [{ id } = { id: '' }] = server.sessions();
    expect(server.session(id)?.send({ messageName: 'EventWelcome' })).toBe('buffered');
    await roundTrip(other);
    expect(asked).toEqual([]);
    journal.succeed();
    expect([await desk.next(), await desk.next(), await desk.next(), await desk.next()]).toEqual([
      { messageName: 'EventAck', referenceId: 1 },
      { messageName: 'EventWelcome' },
      { messageName: 'EventAck', referenceId: 2 },
      { messageName: 'EventAck', referenceId: 3 },
    ]);
    // Only the registration waits.
    expect(journal.waiting).toBe(0);
  });

  it('is sent to a client that has said its last meanwhile', async () => {
    const { client, journal } = await recordedGate();
    await using desk = await client();
    desk.say(registerRequest());
    desk.socket.end();
    await journal.asked();
    journal.succeed();
    expect(await desk.next()).toEqual({ messageName: 'EventAck', referenceId: 1 });
    expect(await desk.next()).toBe(null);
  });

  it('is sent as soon as each is recorded, in whatever order the clients are', async () => {
    const { client, journal } = await recordedGate();
    await using one = await client();
    await using two = await client();
    one.say(registerRequest({ clientName: 'one' }));
    await journal.asked(1);
    two.say(registerRequest({ clientName: 'two' }));
    await journal.asked(2);
    journal.succeed();
    for (const desk of [one, two]) {
      expect(await desk.next()).toEqual({ messageName: 'EventAck', referenceId: 1 });
    }
  });

  it('does not wait where the journal holds no answers, and no refusal ever waits', async () => {
    const { client, journal } = await recordedGate();
    await using unregistered = await client();
    await roundTrip(unregistered);
    expect(journal.waiting).toBe(0);
    journal.requiresDurableAck = false;
    journal.canRecord = false;
    await using desk = await client();
    expect(await desk.ask(registerRequest())).toEqual({ messageName: 'EventAck', referenceId: 1 });
    expect(journal.waiting).toBe(0);
  });
});

describe('A recording that fails', () => {
  it('ends the connection: its client is never told that it is registered', async () => {
    const { client, journal, server } = await recordedGate();
    const disconnected = once(server, 'disconnected');
    await using desk = await client();
    desk.say(registerRequest());
    await journal.asked();
    journal.fail();
    expect(await desk.next()).toBe(null);
    const [session, reason, error] = await disconnected;
    expect([session.info().clientName, reason, error.message]).toEqual([
      'desk-1',
      'server-closed',
      'the disk is full',
    ]);
    expect(server.counts().registered).toBe(0);
    expect(journal.steps.at(-1)).toMatchObject({ to: 'disconnected', reason: 'server-closed' });
  });

  it('refuses later registrations with server-busy, until it can record again', async () => {
    const { client, journal } = await recordedGate();
    await using desk = await client();
    journal.canRecord = false;
    expect(await desk.ask(registerRequest())).toEqual(busy);
    journal.canRecord = true;
    desk.say(registerRequest());
    await journal.asked();
    journal.succeed();
    expect(await desk.next()).toEqual({ messageName: 'EventAck', referenceId: 1 });
  });

  it('while a validator decides is a refusal too', async () => {
    let decide: () => void = () => {};
    let isAsked: () => void = () => {};
    const validating = new Promise<void>((resolve) => {
      isAsked = resolve;
    });
    const { client, journal, server } = await recordedGate({
      validator: async () => {
        isAsked();
        await new Promise<void>((resolve) => {
          decide = resolve;
        });
        return valid;
      },
    });
    await using desk = await client();
    desk.say(registerRequest());
    await validating;
    journal.canRecord = false;
    decide();
    expect(await desk.next()).toEqual(busy);
    expect(server.counts().registered).toBe(0);
  });

  it('that never answers ends the connection when the time to write is up', async () => {
    const { client, journal, server } = await recordedGate({ writeTimeout: 50 });
    const disconnected = once(server, 'disconnected');
    await using desk = await client();
    desk.say(registerRequest());
    expect(await desk.next()).toBe(null);
    const [, reason, error] = await disconnected;
    expect(reason).toBe('server-closed');
    expect(error).toMatchObject({
      code: 'NOT_RECORDED',
      message: 'the registration was not recorded within 50 ms',
    });
    journal.succeed();
    expect(server.counts()).toMatchObject({ registered: 0, problems: 0 });
  });
});

describe('A client that leaves while the recording is written', () => {
  it.each(['succeed', 'fail'] as const)(
    'leaves nothing behind: the name is free at once, and that it will %s later changes nothing',
    async (later) => {
      const { client, journal, server } = await recordedGate({
        validator: () => ({ valid: true, cap: 1 }),
      });
      const disconnected = once(server, 'disconnected');
      await using desk = await client();
      desk.say(registerRequest());
      await journal.asked();
      desk.socket.resetAndDestroy();
      await disconnected;
      expect(server.counts().registered).toBe(0);
      journal[later]();
      await using again = await client();
      again.say(registerRequest());
      await journal.asked();
      journal.succeed();
      expect(await again.next()).toEqual({ messageName: 'EventAck', referenceId: 1 });
      expect(server.sessions()).toHaveLength(1);
      expect(server.counts()).toMatchObject({ registered: 1, problems: 0 });
    },
  );

  it('may be put out by the service as soon as it is registered', async () => {
    const { client, journal, server } = await recordedGate();
    server.on('registered', ({ id }) => server.session(id)?.disconnect());
    await using desk = await client();
    desk.say(registerRequest());
    expect(await desk.next()).toBe(null);
    journal.fail();
    expect(server.counts()).toMatchObject({ registered: 0, problems: 0 });
  });
});

describe('A gate that closes while the recording is written', () => {
  it('T36: and drains, tells the client that it is registered, then that it has to leave', async () => {
    const { client, journal, server } = await recordedGate();
    await using desk = await client();
    desk.say(registerRequest());
    await journal.asked();
    const closed = server.close({ drainMs: 60_000 });
    journal.succeed();
    expect(await desk.next()).toEqual({ messageName: 'EventAck', referenceId: 1 });
    expect(await desk.next()).toMatchObject({ messageName: 'EventError', errorCode: 7 });
    desk.socket.end();
    await closed;
  });

  it('does not wait for it', async () => {
    const { client, journal, server } = await recordedGate();
    await using desk = await client();
    desk.say(registerRequest());
    await journal.asked();
    await server.close();
    expect(await desk.next()).toBe(null);
    journal.fail();
    expect(server.counts()).toMatchObject({ open: 0, registered: 0, problems: 0 });
  });
});
