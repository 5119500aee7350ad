import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { type Codec, jsonCodec } from '../../adapters/net/wire/index.js';
import {
  createServer,
  type GateServer,
  invalid,
  type ServerOptions,
  type Validator,
} from '../../adapters/server/index.js';
import { lineClient, registerRequest } from '../support/line-client.js';

let server: GateServer;
const problems: Error[] = [];

async function gate(options: ServerOptions = {}) {
  problems.length = 0;
  server = await createServer({ listen: ['tcp://127.0.0.1:0'], ...options });
  server.on('problem', (error) => problems.push(error));
  return server.endpoints[0]?.port ?? 0;
}

afterEach(() => server.close());

describe('a client that asks to register', () => {
  it('is answered with EventAck that echoes its reference id, and listed as registered', async () => {
    await using client = await lineClient(await gate());
    const answer = await client.ask(registerRequest({ referenceId: 77, mediaType: 'chat' }));
    expect(answer).toEqual({ messageName: 'EventAck', referenceId: 77 });
    expect(server.sessions()).toMatchObject([
      {
        state: 'registered',
        clientName: 'desk-1',
        clientType: 'AgentApplication',
        mediaType: 'chat',
        proxyClientId: null,
        deadline: null,
        errors: 0,
        scheme: 'tcp',
        remoteAddress: '127.0.0.1',
      },
    ]);
  });

  it('gets its proxyClientId back in the EventAck', async () => {
    await using client = await lineClient(await gate());
    const answer = await client.ask(registerRequest({ clientType: 'Proxy', proxyClientId: 9 }));
    expect(answer).toEqual({ messageName: 'EventAck', referenceId: 1, proxyClientId: 9 });
  });

  it('gets the wrong attribute, its value and what is allowed, and may ask again', async () => {
    await using client = await lineClient(await gate());
    const ask = async (changes: Record<string, unknown>) =>
      (await client.ask(registerRequest(changes)))?.errorDescription;
    expect(await client.ask(registerRequest({ clientType: 'Desk' }))).toEqual({
      messageName: 'EventError',
      referenceId: 1,
      errorCode: 3,
      errorDescription:
        'malformed-request: clientType must be one of AgentApplication, MediaServer, ReportingEngine, RoutingEngine, Proxy, not "Desk"',
    });
    expect(await ask({ clientName: '' })).toBe(
      'malformed-request: clientName must be text of 1 to 255 characters, not ""',
    );
    expect(await ask({ clientName: undefined })).toBe(
      'malformed-request: clientName is missing; it must be text of 1 to 255 characters',
    );
    expect(await ask({ clientName: 'x'.repeat(256) })).toMatch(/1 to 255 characters, not "x+…$/);
    expect(await ask({ clientName: '\ud800' })).toMatch(/1 to 255 characters/);
    expect(await ask({ referenceId: '1' })).toBe(
      'malformed-request: referenceId must be a whole number from -2147483648 to 2147483647, not "1"',
    );
    expect(await ask({ referenceId: 2 ** 31 })).toMatch(/not 2147483648$/);
    expect(await ask({ proxyClientId: 1.5 })).toMatch(/proxyClientId must be a whole number/);
    expect(await ask({ mediaType: 5 })).toBe('malformed-request: mediaType must be text, not 5');
    expect(await ask({ extension: ['pin 1234'] })).toBe(
      'malformed-request: extension must be an object, not what was sent',
    );
    expect(await client.ask(registerRequest())).toMatchObject({ messageName: 'EventAck' });
  });

  it('may have a name of 255 characters, none of them Latin', async () => {
    await using client = await lineClient(await gate());
    expect(await client.ask(registerRequest({ clientName: '席'.repeat(255) }))).toMatchObject({
      messageName: 'EventAck',
    });
  });

  it('is refused with the validator’s reason', async () => {
    const port = await gate({ validator: () => invalid('unknown name') });
    const refused = once(server, 'refused');
    await using client = await lineClient(port);
    const answer = await client.ask(registerRequest({ referenceId: 5 }));
    expect(answer).toEqual({
      messageName: 'EventError',
      referenceId: 5,
      errorCode: 2,
      errorDescription: 'client is not valid: unknown name',
    });
    const [session, refusal] = await refused;
    expect(session.info()).toMatchObject({
      state: 'awaiting/rejection',
      errors: 1,
      clientName: null,
    });
    expect(refusal).toMatchObject({ errorName: 'invalid-client', errorCode: 2 });
  });

  it('gets the numbers a site has given the errors', async () => {
    const port = await gate({ errorCodes: { 'not-registered': 4711 } });
    await using client = await lineClient(port);
    expect(await client.ask({ messageName: 'RequestAgentLogin' })).toMatchObject({
      errorCode: 4711,
      referenceId: null,
    });
  });

  it('T24: stays registered when it registers again, and gets already-registered', async () => {
    await using client = await lineClient(await gate());
    await client.ask(registerRequest());
    expect(await client.ask(registerRequest({ referenceId: 2 }))).toEqual({
      messageName: 'EventError',
      referenceId: 2,
      errorCode: 4,
      errorDescription: 'client is already registered as desk-1',
    });
    expect(server.sessions()[0]?.state).toBe('registered');
  });
});

describe('a client that says anything else first', () => {
  it('gets not-registered, and may still register', async () => {
    await using client = await lineClient(await gate());
    expect(await client.ask({ messageName: 'RequestAgentLogin', referenceId: 3 })).toEqual({
      messageName: 'EventError',
      referenceId: 3,
      errorCode: 1,
      errorDescription:
        'client is not registered: send RequestRegisterClient before RequestAgentLogin',
    });
    expect(server.sessions()[0]?.state).toBe('awaiting/rejection');
    expect(await client.ask(registerRequest())).toMatchObject({ messageName: 'EventAck' });
  });

  it.each([
    'EventAck',
    'EventError',
    'Connected',
    'Disconnected',
    'OtherEvent',
    'xstate.init',
    '*',
  ])(
    'T23: gains nothing by naming its message %s: whatever a client says is a client’s message',
    async (messageName) => {
      await using client = await lineClient(await gate());
      expect(await client.ask({ messageName, referenceId: 1 })).toMatchObject({ errorCode: 1 });
      expect(await client.ask({ messageName, reason: 'drained' })).toMatchObject({ errorCode: 1 });
      expect(server.sessions()[0]?.state).toBe('awaiting/rejection');
    },
  );
});

describe('a validator', () => {
  const slow =
    (milliseconds: number): Validator =>
    () =>
      new Promise((resolve) => setTimeout(resolve, milliseconds, true));

  it('that throws refuses with validation-failed and keeps its words to itself', async () => {
    const port = await gate({
      validator: () => {
        throw new Error('password of the database: hunter2');
      },
    });
    await using client = await lineClient(port);
    expect(await client.ask(registerRequest())).toEqual({
      messageName: 'EventError',
      referenceId: 1,
      errorCode: 8,
      errorDescription: 'validation failed',
    });
    expect(problems.map(({ message }) => message)).toEqual(['password of the database: hunter2']);
  });

  it.each<[string, Validator]>([
    ['rejects', () => Promise.reject(new Error('down'))],
    ['gives undefined', (() => undefined) as unknown as Validator],
    ['resolves to nonsense', (() => Promise.resolve({ ok: 1 })) as unknown as Validator],
  ])('that %s refuses with validation-failed', async (_, validator) => {
    await using client = await lineClient(await gate({ validator }));
    expect(await client.ask(registerRequest())).toMatchObject({ errorCode: 8 });
    expect(problems).toHaveLength(1);
  });

  it('that never decides is aborted through its signal at its timeout', async () => {
    let aborted: Promise<unknown> | undefined;
    const port = await gate({
      validatorTimeout: 100,
      validator: (_, { signal }) => {
        aborted = once(signal, 'abort');
        return new Promise(() => {});
      },
    });
    await using client = await lineClient(port);
    expect(await client.ask(registerRequest())).toMatchObject({ errorCode: 8 });
    await aborted;
    expect(problems.map(({ message }) => message)).toEqual([
      'the validator gave no verdict within 100 ms',
    ]);
  });

  it('is asked about one registration at a time: what follows is read when the answer is out', async () => {
    const asked: string[] = [];
    let decide: (verdict: boolean) => void = () => {};
    const port = await gate({
      validator: ({ clientName }) => {
        asked.push(clientName);
        return new Promise((resolve) => {
          decide = resolve;
        });
      },
    });
    await using client = await lineClient(port);
    const stepped = once(server, 'step', { signal: AbortSignal.timeout(2_000) });
    client.say(
      [registerRequest({ clientName: 'a' }), registerRequest({ clientName: 'b', referenceId: 2 })]
        .map((message) => `${JSON.stringify(message)}\n`)
        .join(''),
    );
    await stepped;
    await expect.poll(() => asked).toEqual(['a']);
    decide(false);
    expect(await client.next()).toMatchObject({ referenceId: 1, errorCode: 2 });
    await expect.poll(() => asked).toEqual(['a', 'b']);
    decide(true);
    expect(await client.next()).toMatchObject({ messageName: 'EventAck', referenceId: 2 });
  });

  it('T37: whose verdict comes after the deadline is not heard: the client gets the disconnect alone', async () => {
    const port = await gate({ registrationTimeout: 80, validator: slow(160) });
    const gone = once(server, 'disconnected');
    await using client = await lineClient(port);
    expect(await client.ask(registerRequest())).toBeNull();
    const [, reason] = await gone;
    expect(reason).toBe('registration-timeout');
    expect(server.sessions()).toEqual([]);
  });

  it('T39: is aborted by its signal when the client has left, and nothing is left behind', async () => {
    const signals: AbortSignal[] = [];
    const port = await gate({
      registrationTimeout: 150,
      validator: (_, { signal }) => {
        signals.push(signal);
        return new Promise(() => {});
      },
    });
    const gone = once(server, 'disconnected');
    const client = await lineClient(port);
    client.say(registerRequest());
    await expect.poll(() => signals).toHaveLength(1);
    client.socket.resetAndDestroy();
    await gone;
    expect(signals[0]?.aborted).toBe(true);
    expect(server.sessions()).toEqual([]);
  });

  it('that caps a name lets no more than that in, however many claim it at once', async () => {
    const port = await gate({
      validator: async () => {
        await Promise.resolve();
        return { valid: true, cap: 2 };
      },
    });
    const clients = await Promise.all(Array.from({ length: 20 }, () => lineClient(port)));
    const answers = await Promise.all(clients.map((client) => client.ask(registerRequest())));
    expect(answers.filter((answer) => answer?.messageName === 'EventAck')).toHaveLength(2);
    expect(answers.find((answer) => answer?.errorCode)).toMatchObject({
      errorCode: 9,
      errorDescription: 'name in use: 2 registered under this name already',
    });
    const owner = answers.findIndex((answer) => answer?.messageName === 'EventAck');
    const other = answers.findIndex((answer) => answer?.errorCode);
    const gone = once(server, 'disconnected');
    await clients[owner]?.[Symbol.asyncDispose]();
    await gone;
    expect(await clients[other]?.ask(registerRequest())).toMatchObject({ messageName: 'EventAck' });
    await Promise.all(clients.map((client) => client[Symbol.asyncDispose]()));
  });
});

describe('a custom codec that throws', () => {
  it('ends that connection and is reported; the server goes on', async () => {
    const throwing: Codec = {
      ...jsonCodec,
      createDecoder(options) {
        const decoder = jsonCodec.createDecoder(options);
        return {
          push: (chunk) => decoder.push(chunk),
          get pending() {
            return decoder.pending;
          },
          next() {
            const decoded = decoder.next();
            if (decoded?.message?.messageName === 'Boom') throw new Error('codec');
            return decoded;
          },
        };
      },
    };
    const port = await gate({ codec: throwing });
    const gone = once(server, 'disconnected');
    await using client = await lineClient(port);
    expect(await client.ask({ messageName: 'Boom' })).toBeNull();
    expect((await gone)[1]).toBe('protocol-error');
    expect(problems).toMatchObject([{ message: 'codec' }]);
    await using next = await lineClient(port);
    expect(await next.ask(registerRequest())).toMatchObject({ messageName: 'EventAck' });
  });
});
