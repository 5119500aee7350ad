/** One suite against the whole server, run over every transport: what goes in and what comes out, and that nothing stays behind. */
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parseEndpoint, type Scheme, schemes } from '../../../adapters/net/transports/index.js';
import { createServer, type GateServer, invalid, valid } from '../../../adapters/server/index.js';
import { type TestCertificates, testCertificates } from '../../support/certificates.js';
import { type Message, WireClient } from '../../support/wire-client.js';

const maxFrame = 2_048;
const made: { certificates?: TestCertificates } = {};
beforeAll(async () => {
  made.certificates = await testCertificates();
});

const register = (changes: Message = {}): Message => ({
  messageName: 'RequestRegisterClient',
  referenceId: 1,
  clientName: 'desk-1',
  clientType: 'AgentApplication',
  ...changes,
});
const ack = (referenceId = 1) => ({ messageName: 'EventAck', referenceId });
const error = (referenceId: number | null, errorCode: number, errorDescription: unknown) => ({
  messageName: 'EventError',
  referenceId,
  errorCode,
  errorDescription,
});
const notRegistered = (referenceId: number, name: string) =>
  error(referenceId, 1, `client is not registered: send RequestRegisterClient before ${name}`);

/** A server on one transport, and a way to open clients that are gone after the test. */
class Bench {
  readonly server: GateServer;
  readonly #clients: WireClient[] = [];

  constructor(server: GateServer) {
    this.server = server;
  }

  static async open(scheme: Scheme, registrationTimeout: number, rejectionTimeout: number) {
    const { cert = '', key = '' } = made.certificates?.server ?? {};
    const server = await createServer({
      listen: [parseEndpoint(`${scheme}://127.0.0.1:0`)],
      tls: { cert, key },
      maxFrame,
      registrationTimeout,
      rejectionTimeout,
      validator: async ({ clientName }) =>
        clientName.startsWith('desk') ? valid : invalid(`${clientName} is not known here`),
      onMessage: ({ message, reply }) => {
        if (message.messageName === 'RequestAgentLogin') reply.ack({ place: message.place });
      },
    });
    return new Bench(server);
  }

  async client(): Promise<WireClient> {
    const [endpoint] = this.server.endpoints;
    if (!endpoint) throw new Error('the server does not listen');
    // With TLS 1.3 a client is through before the server is: wait for both.
    const [client] = await Promise.all([
      WireClient.open(endpoint, made.certificates?.ca),
      once(this.server, 'connected'),
    ]);
    this.#clients.push(client);
    return client;
  }

  async registered(): Promise<WireClient> {
    const client = await this.client();
    expect(await client.ask(register())).toEqual(ack());
    return client;
  }

  /** Lets everyone go; then there must be no session, and a new client must get in. */
  async settle(): Promise<void> {
    for (const client of this.#clients.splice(0)) client.destroy();
    await this.#empty();
    const after = await this.registered();
    after.destroy();
    await this.#empty();
  }

  async #empty(): Promise<void> {
    while (this.server.sessions().length > 0) await once(this.server, 'disconnected');
  }
}

for (const scheme of schemes) {
  describe(`over ${scheme}`, () => {
    const stray: unknown[] = [];
    const note = (thrown: unknown) => stray.push(thrown);
    const running: { bench?: Bench } = {};
    const bench = () => running.bench as Bench;
    const framed = scheme === 'ws' || scheme === 'wss';

    beforeAll(async () => {
      running.bench = await Bench.open(scheme, 10_000, 5_000);
    });
    afterAll(() => running.bench?.server.close());
    beforeEach(() => {
      process.on('unhandledRejection', note).on('uncaughtException', note);
    });
    afterEach(async () => {
      await bench().settle();
      process.off('unhandledRejection', note).off('uncaughtException', note);
      expect(stray).toEqual([]);
    });

    /** An invalid frame: an answer, then the close, and nothing after it is processed. */
    async function refusesFrame(send: (client: WireClient) => void, description: unknown) {
      const client = await bench().client();
      send(client);
      expect(await client.rest()).toEqual([error(null, 5, description)]);
      await client.ended;
      if (client.closeCode !== null) expect([1002, 1003, 1009]).toContain(client.closeCode);
    }

    it('a client registers and is acknowledged', async () => {
      const client = await bench().client();
      expect(await client.ask(register({ referenceId: 42 }))).toEqual(ack(42));
      expect(bench().server.sessions()).toMatchObject([{ state: 'registered', scheme }]);
    });

    it('an invalid client gets the reason, and may try again', async () => {
      const client = await bench().client();
      const refusal = error(1, 2, 'client is not valid: guest is not known here');
      expect(await client.ask(register({ clientName: 'guest' }))).toEqual(refusal);
      expect(await client.ask(register({ referenceId: 2 }))).toEqual(ack(2));
    });

    it('a client that sends another message first gets not-registered', async () => {
      const client = await bench().client();
      const login = { messageName: 'RequestAgentLogin', referenceId: 7 };
      expect(await client.ask(login)).toEqual(notRegistered(7, 'RequestAgentLogin'));
      for (const messageName of ['EventAck', 'EventError', 'Connected', 'Disconnected']) {
        const answer = await client.ask({ messageName, referenceId: 8 });
        expect(answer).toEqual(notRegistered(8, messageName));
      }
      expect(await client.ask(register())).toEqual(ack());
    });

    it('T18: several messages sent at once are answered one by one, in order', async () => {
      const client = await bench().client();
      const login = (referenceId: number) => ({
        messageName: 'RequestAgentLogin',
        referenceId,
        place: `place-${referenceId}`,
      });
      client.sayAtOnce(login(1), register({ referenceId: 2 }), login(3), login(4), register());
      expect(await client.next()).toEqual(notRegistered(1, 'RequestAgentLogin'));
      expect(await client.next()).toEqual(ack(2));
      expect(await client.next()).toEqual({ ...ack(3), place: 'place-3' });
      expect(await client.next()).toEqual({ ...ack(4), place: 'place-4' });
      expect(await client.next()).toMatchObject({ referenceId: 1, errorCode: 4 });
    });

    it('attributes of the wrong type are named, and the connection stays open', async () => {
      const client = await bench().client();
      const wrong: [Message, string][] = [
        [{ clientName: 5 }, 'clientName'],
        [{ clientName: '' }, 'clientName'],
        [{ clientName: null }, 'clientName'],
        [{ clientType: 'Toaster' }, 'clientType'],
        [{ clientType: ['Proxy'] }, 'clientType'],
        [{ proxyClientId: 'one' }, 'proxyClientId'],
        [{ mediaType: {} }, 'mediaType'],
        [{ extension: [] }, 'extension'],
      ];
      for (const [change, attribute] of wrong) {
        const text = expect.stringMatching(new RegExp(`^malformed-request: ${attribute} must`));
        expect(await client.ask(register(change))).toEqual(error(1, 3, text));
      }
      const text = expect.stringMatching(/^malformed-request: referenceId must/);
      expect(await client.ask(register({ referenceId: 'x' }))).toEqual(error(null, 3, text));
      expect(await client.ask(register())).toEqual(ack());
    });

    it.each([
      ['text that is not JSON', 'hello', 'the frame is not JSON; it must be one JSON object'],
      ['an array', '[]', 'the frame is JSON but not an object; it must be one JSON object'],
      [
        'no messageName',
        '{"referenceId":1}',
        'the message has no messageName; it must be a text that is not empty',
      ],
      ['invalid UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), 'the frame is not UTF-8'],
      [
        'brackets without end',
        '['.repeat(maxFrame),
        'the message is nested too deeply; at most 32 levels are allowed',
      ],
    ])(
      'T28: %s ends the connection with a reason, and what follows is not processed',
      async (_what, wrong, description) => {
        await refusesFrame((client) => client.say(wrong, register()), description);
      },
    );

    it('T14: a frame of limit - 1 or limit bytes is read, one of limit + 1 is not', async () => {
      const sized = (length: number) => {
        const { length: bare } = JSON.stringify(register({ note: '' }));
        return register({ note: 'x'.repeat(length - bare) });
      };
      for (const length of [maxFrame - 1, maxFrame]) {
        expect(await (await bench().client()).ask(sized(length))).toEqual(ack());
      }
      const description = 'the frame is too long; at most 2048 bytes are allowed';
      await refusesFrame((client) => client.say(sized(maxFrame + 1)), description);
    });

    it('10 MB in one frame are refused, and the reason arrives', async () => {
      const description = 'the frame is too long; at most 2048 bytes are allowed';
      await refusesFrame((client) => client.say(Buffer.alloc(10_000_000, '{')), description);
    });

    it('an invalid frame disconnects a registered client too', async () => {
      const client = await bench().registered();
      client.say('hello');
      const description = 'the frame is not JSON; it must be one JSON object';
      expect(await client.rest()).toEqual([error(null, 5, description)]);
    });

    it('T29: half a message and then the end is dropped without an answer', async () => {
      const client = await bench().client();
      if (framed) client.raw.stream.end(Uint8Array.of(0x81, 0xfe, 1, 0, 0, 0, 0, 0, 0x7b));
      else client.raw.stream.end('{"messageName":"RequestRegis');
      expect(await client.rest()).toEqual([]);
    });

    it('T30: a reset in the middle ends one connection and no other', async () => {
      const other = await bench().registered();
      const text = JSON.stringify(register());
      for (const length of [0, 1, 20, text.length]) {
        const client = await bench().client();
        const left = once(bench().server, 'disconnected');
        client.raw.stream.write(text.slice(0, length) || Uint8Array.of());
        client.reset();
        await left;
      }
      const login = { messageName: 'RequestAgentLogin', referenceId: 5, place: 'p' };
      expect(await other.ask(login)).toEqual({ ...ack(5), place: 'p' });
    });

    if (framed) {
      it('a binary frame ends the connection with a reason, and with 1003', async () => {
        const client = await bench().client();
        client.raw.webSocket?.send(Buffer.from(JSON.stringify(register())), { binary: true });
        const description = 'the frame is binary; it must be a text frame';
        expect(await client.rest()).toEqual([error(null, 5, description)]);
        expect(client.closeCode).toBe(1003);
      });

      it('a frame that breaks the WebSocket protocol ends the connection with a reason', async () => {
        const description = 'the WebSocket frame breaks RFC 6455';
        const unmasked = Buffer.from([0x81, 2, 0x7b, 0x7d]);
        await refusesFrame((client) => client.raw.stream.write(unmasked), description);
      });

      it('a message in fragments is one message', async () => {
        const client = await bench().client();
        const text = JSON.stringify(register());
        client.raw.webSocket?.send(text.slice(0, 9), { fin: false });
        client.raw.webSocket?.send(text.slice(9, 30), { fin: false });
        client.raw.webSocket?.send(text.slice(30), { fin: true });
        expect(await client.next()).toEqual(ack());
      });
      return;
    }

    it('T17: a line may be split in two at every byte', async () => {
      const bytes = Buffer.from(`${JSON.stringify(register({ clientName: 'desk-Ł' }))}\r\n`);
      for (let at = 1; at < bytes.length; at += 1) {
        const client = await bench().client();
        client.raw.stream.write(bytes.subarray(0, at));
        await new Promise((resolve) => setImmediate(resolve));
        client.raw.stream.write(bytes.subarray(at));
        expect(await client.next()).toEqual(ack());
        client.destroy();
      }
    });

    it('T17: a line may come a byte at a time', async () => {
      const client = await bench().client();
      for (const byte of Buffer.from(`${JSON.stringify(register())}\n`)) {
        client.raw.stream.write(Uint8Array.of(byte));
      }
      expect(await client.next()).toEqual(ack());
    });

    it('a line may end with a carriage return, and empty lines are nothing', async () => {
      const client = await bench().client();
      client.raw.send(`\n\r\n \t\n${JSON.stringify(register())}\r\n\n\r\n`);
      expect(await client.next()).toEqual(ack());
      const login = { messageName: 'RequestAgentLogin', referenceId: 2, place: 'p' };
      expect(await client.ask(login)).toEqual({ ...ack(2), place: 'p' });
    });

    it('T29: a client that closes its half after asking gets its answer', async () => {
      const client = await bench().client();
      client.raw.stream.end(`${JSON.stringify(register())}\n`);
      expect(await client.rest()).toEqual([ack()]);
    });
  });

  describe(`over ${scheme}, the deadlines`, () => {
    const registrationTimeout = 400;
    const rejectionTimeout = 200;
    /** Milliseconds. */
    const late = 1_000;
    const running: { bench?: Bench } = {};
    const bench = () => running.bench as Bench;
    beforeAll(async () => {
      running.bench = await Bench.open(scheme, registrationTimeout, rejectionTimeout);
    });
    afterEach(() => bench().settle());
    afterAll(() => running.bench?.server.close());

    const login = { messageName: 'RequestAgentLogin', referenceId: 2 };
    /**
     * Expects that it ends after `timeout`, counted from before the event that starts the deadline. On a busy machine a timer of the test is as late
     * as the server's, so both are compared.
     */
    const expectDeadline = async (timeout: number, run: () => Promise<unknown>) => {
      const began = performance.now();
      const elapsed = () => performance.now() - began;
      const [ended, timer] = await Promise.all([run().then(elapsed), wait(timeout).then(elapsed)]);
      expect(ended).toBeGreaterThan(timeout - 2);
      expect(ended).toBeLessThan(timer + late);
    };

    it('T1: a silent client is disconnected at registrationTimeout, without a message', async () => {
      await expectDeadline(registrationTimeout, async () => {
        const client = await bench().client();
        expect(await client.rest()).toEqual([]);
        await client.ended;
        if (client.closeCode !== null) expect(client.closeCode).toBe(1008);
      });
    });

    it('T3: a refused client is disconnected at rejectionTimeout from the first error; the next does not restart it', async () => {
      const client = await bench().client();
      let answers: Message[] = [];
      await expectDeadline(rejectionTimeout, async () => {
        expect(await client.ask(register({ clientName: 'guest' }))).toMatchObject({ errorCode: 2 });
        const again = setInterval(() => client.say(login), 40);
        answers = await client.rest();
        clearInterval(again);
      });
      expect(answers.length).toBeGreaterThan(1);
      expect(new Set(answers.map(({ errorCode }) => errorCode))).toEqual(new Set([1]));
    });

    it('a client that registers in between stays', async () => {
      const client = await bench().client();
      expect(await client.ask(login)).toMatchObject({ errorCode: 1 });
      expect(await client.ask(register())).toEqual(ack());
      // A silent client that connects now is disconnected after both deadlines of this one would have run out.
      await (await bench().client()).ended;
      expect(await client.ask({ ...login, referenceId: 3, place: 'p' })).toEqual({
        ...ack(3),
        place: 'p',
      });
    });

    it('T2: bytes that drip in change nothing', async () => {
      await expectDeadline(registrationTimeout, async () => {
        const client = await bench().client();
        // A WebSocket frame of 1,000 bytes is announced, then filled byte by byte; a line just goes on.
        if (client.isFramed) client.raw.stream.write(Uint8Array.of(0x81, 0xfe, 3, 232, 0, 0, 0, 0));
        const drip = setInterval(() => client.raw.stream.write('{'), 10);
        const rest = await client.rest();
        clearInterval(drip);
        expect(rest).toEqual([]);
        await client.ended;
      });
    });
  });
}
