/** Clients that disconnect while an answer is pending, and clients that the server disconnects while their messages are unread. */
import { once } from 'node:events';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { parseEndpoint, type Scheme, schemes } from '../../adapters/net/transports/index.js';
import {
  createServer,
  type GateServer,
  type ServerOptions,
  type Validator,
} from '../../adapters/server/index.js';
import type { DisconnectReason, StepRecord } from '../../machines/index.js';
import { type TestCertificates, testCertificates } from '../support/certificates.js';
import { handles, handlesBackTo } from '../support/fault-suite.js';
import { registerRequest } from '../support/line-client.js';
import { WireClient } from '../support/wire-client.js';

const made: { certificates?: TestCertificates } = {};
beforeAll(async () => {
  made.certificates = await testCertificates();
});

const gates: Gate[] = [];
afterEach(async () => {
  for (const gate of gates.splice(0)) await gate.close();
});

/** A gate with a log of its events. */
class Gate {
  readonly steps: StepRecord[] = [];
  readonly problems: Error[] = [];
  readonly #clients: WireClient[] = [];
  readonly #before = handles();

  constructor(readonly server: GateServer) {
    server.on('step', (step) => this.steps.push(step));
    server.on('problem', (error) => this.problems.push(error));
    gates.push(this);
  }

  static async open(scheme: Scheme, options: ServerOptions): Promise<Gate> {
    const { cert = '', key = '' } = made.certificates?.server ?? {};
    const listen = [parseEndpoint(`${scheme}://127.0.0.1:0`)];
    return new Gate(
      await createServer({ registrationTimeout: 60_000, ...options, listen, tls: { cert, key } }),
    );
  }

  async client(): Promise<WireClient> {
    const [endpoint] = this.server.endpoints;
    if (!endpoint) throw new Error('the gate does not listen');
    const [client] = await Promise.all([
      WireClient.open(endpoint, made.certificates?.ca),
      once(this.server, 'connected'),
    ]);
    this.#clients.push(client);
    return client;
  }

  /** The reason of the next disconnect. */
  async ending(): Promise<DisconnectReason> {
    const [, reason] = await once(this.server, 'disconnected');
    return reason as DisconnectReason;
  }

  get names(): string[] {
    return this.steps.map(({ name }) => name);
  }

  /** Disconnects all clients and checks that nothing is left. */
  async close(): Promise<void> {
    for (const client of this.#clients) client.destroy();
    await this.server.close();
    expect(this.server.sessions()).toEqual([]);
    expect(this.problems).toEqual([]);
    await handlesBackTo(this.#before);
  }
}

/** A validator that the test controls. */
function slow() {
  let askedWith = (_: AbortSignal) => {};
  let decide = () => {};
  const thinking = new Promise<AbortSignal>((resolve) => {
    askedWith = resolve;
  });
  const verdict = new Promise<boolean>((resolve) => {
    decide = () => resolve(true);
  });
  const validator: Validator = (_, { signal }) => {
    askedWith(signal);
    return verdict;
  };
  return { validator, thinking, decide: () => decide() };
}

const asked = ['Connected', 'RequestRegisterClient'];

describe.each(schemes)('Over %s, a client that disconnects during its validation', (scheme) => {
  it('T39: with a reset: the signal of the validator aborts, the session ends, the verdict is ignored', async () => {
    const { validator, thinking, decide } = slow();
    const gate = await Gate.open(scheme, { validator, validatorTimeout: 60_000 });
    const client = await gate.client();
    const ending = gate.ending();
    client.say(registerRequest());
    const signal = await thinking;
    client.reset();
    expect(await ending).toBe('transport-error');
    expect(signal.aborted).toBe(true);
    decide();
    await new Promise((resolve) => setImmediate(resolve));
    expect(gate.names).toEqual([...asked, 'Disconnected']);
    expect(gate.server.sessions()).toEqual([]);
  });

  it('T39: with an end: no session is left after the verdict, and the name is released', async () => {
    const { validator, thinking, decide } = slow();
    const gate = await Gate.open(scheme, {
      validatorTimeout: 60_000,
      validator: async (...question) => {
        await validator(...question);
        return { valid: true, cap: 1 };
      },
    });
    const client = await gate.client();
    const ending = gate.ending();
    client.say(registerRequest());
    await thinking;
    if (client.raw.webSocket) client.raw.webSocket.close(1000);
    else client.destroy();
    decide();
    expect(['peer-closed', 'transport-error']).toContain(await ending);
    expect(gate.names.at(-1)).toBe('Disconnected');
    const next = await gate.client();
    expect(await next.ask(registerRequest())).toMatchObject({ messageName: 'EventAck' });
  });

  it('T39: after more data than is read ahead: the deadline ends it, and nothing is left', async () => {
    const { validator, thinking } = slow();
    const options = { validator, validatorTimeout: 60_000, registrationTimeout: 1_000 };
    const gate = await Gate.open(scheme, options);
    const client = await gate.client();
    const ending = gate.ending();
    client.say(registerRequest());
    const signal = await thinking;
    for (let n = 0; n < 64; n += 1) client.say({ messageName: 'Bulk', text: 'x'.repeat(30_000) });
    client.reset();
    expect(['registration-timeout', 'transport-error']).toContain(await ending);
    expect(signal.aborted).toBe(true);
    expect(gate.names.slice(0, -1)).toEqual(asked);
  });
});

/** WebSocket has no half-close. */
describe.each(['tcp', 'tls'] as const)(
  'Over %s, a client that disconnects during its validation',
  (scheme) => {
    it('T29: by a half-close, gets the answer', async () => {
      const { validator, thinking, decide } = slow();
      const gate = await Gate.open(scheme, { validator, validatorTimeout: 60_000 });
      const client = await gate.client();
      const ending = gate.ending();
      client.raw.stream.end(`${JSON.stringify(registerRequest())}\n`);
      await thinking;
      decide();
      expect(await client.rest()).toEqual([{ messageName: 'EventAck', referenceId: 1 }]);
      expect(await ending).toBe('peer-closed');
    });
  },
);

describe.each(schemes)(
  'Over %s, a client that disconnects before or after its request',
  (scheme) => {
    it('T29: with an end before any message: no answer, and no session is left', async () => {
      const gate = await Gate.open(scheme, {});
      const client = await gate.client();
      const ending = gate.ending();
      client.raw.stream.end();
      expect(await ending).toBe('peer-closed');
      expect(await client.rest()).toEqual([]);
      expect(gate.names).toEqual(['Connected', 'Disconnected']);
    });

    it('T29: with an end right behind a message of a registered client: it is answered first', async () => {
      const gate = await Gate.open(scheme, { onMessage: ({ reply }) => void reply.ack() });
      const client = await gate.client();
      await client.ask(registerRequest());
      const ending = gate.ending();
      client.raw.stream.cork();
      client.say({ messageName: 'RequestLast', referenceId: 2 });
      client.raw.stream.end();
      client.raw.stream.uncork();
      expect(await client.rest()).toEqual([{ messageName: 'EventAck', referenceId: 2 }]);
      expect(await ending).toBe('peer-closed');
    });
  },
);

describe.each(schemes)('T28: over %s, data already received is not processed', (scheme) => {
  const more = [2, 3, 4].map((referenceId) => ({ messageName: 'RequestMore', referenceId }));

  it('after an invalid frame', async () => {
    const gate = await Gate.open(scheme, {});
    const client = await gate.client();
    client.sayAtOnce('hello', registerRequest(), ...more);
    expect((await client.rest()).map(({ errorCode }) => errorCode)).toEqual([5]);
    await client.ended;
    expect(gate.names).toEqual(['Connected', 'EventError', 'Disconnected']);
  });

  it('after a frame that is too long', async () => {
    const gate = await Gate.open(scheme, { maxFrame: 256 });
    const client = await gate.client();
    const tooLong = { messageName: 'RequestLong', text: 'x'.repeat(300) };
    client.sayAtOnce(tooLong, registerRequest(), ...more);
    expect((await client.rest()).map(({ errorCode }) => errorCode)).toEqual([5]);
    await client.ended;
    expect(gate.names).toEqual(['Connected', 'EventError', 'Disconnected']);
  });

  it('after the service has disconnected its client', async () => {
    const handled: unknown[] = [];
    const gate = await Gate.open(scheme, {
      onMessage: ({ message, session }) => {
        handled.push(message.referenceId);
        session.disconnect();
      },
    });
    const client = await gate.client();
    const ending = gate.ending();
    client.sayAtOnce(registerRequest(), ...more);
    expect(await ending).toBe('server-closed');
    expect((await client.rest()).map(({ messageName }) => messageName)).toEqual(['EventAck']);
    await client.ended;
    expect(handled).toEqual([2]);
    expect(gate.names).toEqual([...asked, 'EventAck', 'RequestMore', 'Disconnected']);
  });

  it('after a deadline during the validation; the verdict changes nothing', async () => {
    const { validator, thinking, decide } = slow();
    const options = { validator, validatorTimeout: 60_000, registrationTimeout: 500 };
    const gate = await Gate.open(scheme, options);
    const client = await gate.client();
    client.sayAtOnce(registerRequest(), registerRequest({ referenceId: 9 }), ...more);
    const signal = await thinking;
    expect(await client.rest()).toEqual([]);
    await client.ended;
    expect(signal.aborted).toBe(true);
    decide();
    await new Promise((resolve) => setImmediate(resolve));
    expect(gate.names).toEqual([...asked, 'registrationTimeout']);
  });

  it('after the server shuts down', async () => {
    const { validator, thinking } = slow();
    const gate = await Gate.open(scheme, { validator, validatorTimeout: 60_000 });
    const client = await gate.client();
    client.sayAtOnce(registerRequest(), ...more);
    await thinking;
    const closed = gate.server.close();
    expect((await client.rest()).map(({ errorCode }) => errorCode)).toEqual([7]);
    await closed;
    expect(gate.names).toEqual([...asked, 'EventError', 'Disconnected']);
  });

  it('after the disconnect of a client that does not read', async () => {
    const handled: unknown[] = [];
    const bulk = { messageName: 'EventBulk', text: 'x'.repeat(50_000) };
    let sent = 0;
    const gate = await Gate.open(scheme, {
      maxUnsent: 100_000,
      onMessage: ({ message, session }) => {
        handled.push(message.referenceId);
        while (sent < 1_000 && session.send(bulk) !== 'closed') sent += 1;
      },
    });
    const client = await gate.client();
    const ending = gate.ending();
    client.raw.socket.pause();
    client.sayAtOnce(registerRequest(), ...more);
    expect(await ending).toBe('slow-reader');
    await new Promise((resolve) => setImmediate(resolve));
    expect(handled).toEqual([2]);
    expect(sent).toBeLessThan(1_000);
    expect(gate.names.filter((name) => name === 'RequestMore')).toHaveLength(1);
  });
});
