import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { Abort } from '../../adapters/server/abort.js';
import type { GateServer, Validator } from '../../adapters/server/index.js';
import { ValidationQueue } from '../../adapters/server/limits/index.js';
import { serving } from '../cli/in-process.js';
import { closeGatesAfterEach, openGate } from '../support/gate.js';
import { lineClient, registerRequest } from '../support/line-client.js';

closeGatesAfterEach();

const ack = { messageName: 'EventAck' };
const failed = { messageName: 'EventError', errorCode: 8, errorDescription: 'validation failed' };

/** A registration under a name that uses the validator under test; `desk-1` is always valid. */
const besides =
  (validator: Validator): Validator =>
  (request, context) =>
    request.clientName === 'desk-1' ? true : validator(request, context);
const other = registerRequest({ clientName: 'other' });

/** A gate with such a validator, and its reported problems. */
async function gateWith(validator: unknown, options = {}) {
  const problems: Error[] = [];
  const gate = await openGate({ ...options, validator: besides(validator as Validator) });
  gate.server.on('problem', (error) => problems.push(error));
  return { ...gate, problems };
}

const circular: Record<string, unknown> = { valid: 'yes' };
circular.itself = circular;

describe('a validator that', () => {
  it.each<[string, () => unknown]>([
    ['throws', () => raise(new Error('no database'))],
    ['throws a string', () => raise('no database')],
    ['throws nothing', () => raise(undefined)],
    ['throws an object without toString', () => raise(Object.create(null))],
    ['rejects', () => Promise.reject(new Error('no database'))],
    ['rejects with nothing', () => Promise.reject()],
    ['rejects with a symbol', () => Promise.reject(Symbol('no'))],
    ['rejects with an object without toString', () => Promise.reject(Object.create(null))],
    ['gives nothing', () => undefined],
    ['gives null', () => null],
    ['gives a string', () => 'yes'],
    ['gives 1', () => 1],
    ['gives an object that is not a verdict', () => ({ ok: true })],
    ['gives a string as the verdict', () => ({ valid: 'true' })],
    ['gives a circular object', () => circular],
    ['gives a cap of 0', () => ({ valid: true, cap: 0 })],
    ['gives a cap that is not a number', () => ({ valid: true, cap: '1' })],
    ['gives no reason', () => ({ valid: false })],
    ['gives a reason that is not a string', () => ({ valid: false, reason: { a: 1 } })],
    ['gives an unknown error', () => ({ valid: false, reason: 'no', error: 'toString' })],
    ['gives a promise of nonsense', () => Promise.resolve('yes')],
    ['gives an object whose getters throw', () => hostile()],
    // biome-ignore lint/suspicious/noThenProperty: a thenable is what is tested.
    ['gives a thenable that throws', () => ({ then: () => raise(new Error('no')) })],
  ])(
    'T37: %s causes validation-failed for its client, is reported once as a problem, and does not affect others',
    async (_what, validator) => {
      const { server, client, problems } = await gateWith(validator);
      await using one = await client();
      expect(await one.ask(other)).toMatchObject(failed);
      expect(problems).toHaveLength(1);
      expect(problems[0]?.message).toMatch(/./);
      // The client may try again, and is valid now.
      expect(await one.ask(registerRequest())).toMatchObject(ack);
      await using two = await client();
      expect(await two.ask(registerRequest())).toMatchObject(ack);
      expect(server.counts()).toMatchObject({ validationsRunning: 0, registered: 2 });
    },
  );

  it('T37: hangs and ignores its signal: its client gets validation-failed at the timeout, and its slot is released', async () => {
    const never = () => new Promise(() => {});
    const options = { validatorTimeout: 100, maxValidations: 1 };
    const { server, client, problems } = await gateWith(never, options);
    await using one = await client();
    await using two = await client();
    await Promise.all(
      [one, two].map(async (each) => expect(await each.ask(other)).toMatchObject(failed)),
    );
    expect(problems.map(({ message }) => message)).toEqual([
      'the validator gave no verdict within 100 ms',
      'the validator gave no verdict within 100 ms',
    ]);
    expect(await one.ask(registerRequest())).toMatchObject(ack);
    expect(server.counts()).toMatchObject({ validationsRunning: 0, validationsWaiting: 0 });
  });

  it('T37: hangs does not move the deadline of its client: its signal aborts, and the client is disconnected', async () => {
    let signal: AbortSignal | undefined;
    const validator: Validator = (_request, context) => {
      signal = context.signal;
      return new Promise(() => {});
    };
    const { server, client, problems } = await gateWith(validator, {
      validatorTimeout: 60_000,
      registrationTimeout: 150,
    });
    const disconnected = once(server, 'disconnected');
    await using one = await client();
    one.say(other);
    expect((await disconnected)[1]).toBe('registration-timeout');
    expect(signal?.aborted).toBe(true);
    expect(await one.next()).toBeNull();
    expect(problems).toEqual([]);
    expect(server.counts()).toMatchObject({ validationsRunning: 0 });
  });

  it.each<[string, (settle: Settle) => void]>([
    ['says yes', ({ resolve }) => resolve(true)],
    ['rejects', ({ reject }) => reject(new Error('late'))],
  ])('T37: %s too late is ignored', async (_what, settle) => {
    const pending: Settle[] = [];
    const late = () => new Promise((resolve, reject) => pending.push({ resolve, reject }));
    const { client, problems } = await gateWith(late, { validatorTimeout: 50 });
    await using one = await client();
    expect(await one.ask(other)).toMatchObject(failed);
    for (const each of pending) settle(each);
    // The next message is the answer to the next request.
    const next = registerRequest({ referenceId: 2 });
    expect(await one.ask(next)).toMatchObject({ ...ack, referenceId: 2 });
    expect(problems).toHaveLength(1);
  });

  it('T37: answers twice counts once', async () => {
    // biome-ignore lint/suspicious/noThenProperty: a thenable is what is tested.
    const twice = () => ({ then: (say: (verdict: boolean) => void) => [say(false), say(true)] });
    const { client, problems } = await gateWith(twice);
    await using one = await client();
    expect(await one.ask(other)).toMatchObject({ errorCode: 2 });
    const next = registerRequest({ referenceId: 2 });
    expect(await one.ask(next)).toMatchObject({ ...ack, referenceId: 2 });
    expect(problems).toEqual([]);
  });

  it('T37: blocks the event loop for 300 ms delays the others by that time, without other effects', async () => {
    const blocks = () => {
      const until = performance.now() + 300;
      while (performance.now() < until);
      return true;
    };
    const { server, client } = await gateWith(blocks, { registrationTimeout: 10_000 });
    await using slow = await client();
    await using there = await client();
    await there.ask(registerRequest());
    slow.say(other);
    there.say(registerRequest({ referenceId: 2 }));
    expect(await slow.next()).toMatchObject(ack);
    expect(await there.next()).toMatchObject({ errorCode: 4, referenceId: 2 });
    await using late = await client();
    expect(await late.ask(registerRequest())).toMatchObject(ack);
    expect(server.counts().registered).toBe(3);
  });
});

describe('concurrent validations', () => {
  /** A validator that the test controls, and that records the order of its calls. */
  function deciding() {
    const asked: string[] = [];
    const verdicts = new Map<string, (verdict: boolean) => void>();
    const validator: Validator = ({ clientName }) => {
      asked.push(clientName);
      return new Promise((resolve) => verdicts.set(clientName, resolve));
    };
    return { asked, validator, decide: (name: string) => verdicts.get(name)?.(true) };
  }

  it('T37: are limited to maxValidations; the others wait in order', async () => {
    const { asked, validator, decide } = deciding();
    const { server, client } = await openGate({ validator, maxValidations: 2 });
    const names = ['a', 'b', 'c', 'd', 'e'];
    const clients = new Map<string, Awaited<ReturnType<typeof client>>>();
    for (const [index, name] of names.entries()) {
      const one = await client();
      clients.set(name, one);
      one.say(registerRequest({ clientName: name }));
      await until(server, index + 1);
    }
    expect(asked).toEqual(['a', 'b']);
    decide('b');
    expect(await clients.get('b')?.next()).toMatchObject(ack);
    expect(asked).toEqual(['a', 'b', 'c']);
    for (const name of ['a', 'c', 'd', 'e']) {
      decide(name);
      expect(await clients.get(name)?.next()).toMatchObject(ack);
    }
    expect(asked).toEqual(names);
    expect(server.counts()).toMatchObject({
      validationsRunning: 0,
      validationsWaiting: 0,
      registered: 5,
      limits: { maxValidations: 3 },
    });
    for (const one of clients.values()) one.socket.destroy();
  });

  it('T37: do not move the deadlines of waiting clients, and a client that left is never validated', async () => {
    const { asked, validator, decide } = deciding();
    const options = { validator, maxValidations: 1, validatorTimeout: 60_000 };
    const { server, client } = await openGate(options);
    await using first = await client();
    first.say(registerRequest({ clientName: 'first' }));
    await until(server, 1);
    server.reconfigure({ ...options, registrationTimeout: 150 });
    await using waits = await client();
    waits.say(registerRequest({ clientName: 'waits' }));
    // Disconnected at its deadline, without a message: there was no verdict.
    expect(await waits.next()).toBeNull();
    server.reconfigure({ ...options, registrationTimeout: 60_000 });
    await using leaves = await client();
    leaves.say(registerRequest({ clientName: 'leaves' }));
    await until(server, 2);
    const disconnected = once(server, 'disconnected');
    leaves.socket.resetAndDestroy();
    await disconnected;
    expect(server.counts()).toMatchObject({ validationsRunning: 1, validationsWaiting: 0 });
    await using last = await client();
    last.say(registerRequest({ clientName: 'last' }));
    await until(server, 2);
    decide('first');
    expect(await first.next()).toMatchObject(ack);
    expect(asked).toEqual(['first', 'last']);
    decide('last');
    expect(await last.next()).toMatchObject(ack);
  });

  it('T37: ten thousand of which waited and are decided at once are decided in order', async () => {
    const queue = new ValidationQueue(1);
    let release: (done: number) => void = () => {};
    const first = queue.run(
      new Abort(),
      () => new Promise<number>((resolve) => (release = resolve)),
    );
    const order: number[] = [];
    const others = Array.from({ length: 10_000 }, (_, index) =>
      queue.run(new Abort(), () => order.push(index)),
    );
    release(0);
    await Promise.all([first, ...others]);
    expect(order).toEqual(Array.from({ length: 10_000 }, (_, index) => index));
    expect(queue).toMatchObject({ running: 0, waiting: 0 });
  });
});

describe('a web service that', () => {
  it.each<[string, RequestListener | null, RegExp]>([
    ['is down', null, /connection refused/],
    ['is slow', () => {}, /no answer within 1000 ms|gave no verdict within 1000 ms/],
    ['answers nonsense', (_ask, response) => response.end('<html>'), /invalid JSON/],
    ['answers an error', (_ask, response) => response.writeHead(500).end(), /status 500/],
    [
      'sends elsewhere',
      (_ask, response) => response.writeHead(302, { location: '/' }).end(),
      /redirects are not followed/,
    ],
    ['hangs up', (_ask, response) => response.destroy(), /the call failed/],
    [
      'answers endlessly',
      (_ask, response) => {
        const more = () => {
          while (!response.destroyed && response.write('x'.repeat(16_384)));
        };
        response.on('drain', more);
        more();
      },
      /more than 65536 bytes/,
    ],
  ])(
    'T37: %s causes validation-failed for each client; the log has it once and counts the rest',
    async (what, answer, told) => {
      const service = createServer(answer ?? (() => {})).listen(0, '127.0.0.1');
      await once(service, 'listening');
      // A port that was free a moment ago may belong to another test; no server listens on port 1.
      const port = answer === null ? 1 : (service.address() as AddressInfo).port;
      await using gate = await serving([
        ...['--validator', `http://127.0.0.1:${port}/`],
        // Only the slow service needs the timeout: on a busy machine it must not come before another answer.
        ...['--validator-timeout', what === 'is slow' ? '1s' : '20s'],
        // Nor may the log report the delays of a busy machine.
        ...['--max-lag', '1m'],
      ]);
      const clients = await Promise.all(Array.from({ length: 5 }, () => lineClient(gate.port)));
      const answers = clients.map((client) => client.ask(registerRequest()));
      for (const each of await Promise.all(answers)) expect(each).toMatchObject(failed);
      for (const client of clients) client.socket.destroy();
      gate.kill('SIGTERM');
      expect(await gate.ended).toBe(0);
      service.closeAllConnections();
      service.close();
      const problems = gate.stdout
        .split('\n')
        .filter((line) => /"event":"(problem|suppressed)"/.test(line))
        .map((line) => JSON.parse(line));
      const kinds = new Set(problems.map(({ code }) => code));
      // Each kind once, and one count of the others.
      expect(problems.filter(({ event }) => event === 'problem')).toHaveLength(kinds.size);
      expect(problems[0]).toMatchObject({ level: 'error', msg: expect.stringMatching(told) });
      const more = problems.reduce((sum, { suppressed = 0 }) => sum + suppressed, 0);
      expect(more + kinds.size).toBe(5);
    },
  );
});

interface Settle {
  readonly resolve: (verdict: boolean) => void;
  readonly reject: (error: Error) => void;
}

function raise(what: unknown): never {
  throw what;
}

function hostile(): unknown {
  return new Proxy({}, { get: () => raise(new Error('looked at')) });
}

/** Resolves when this many registrations are validated or waiting. */
async function until(server: GateServer, asking: number): Promise<void> {
  for (;;) {
    const { validationsRunning, validationsWaiting } = server.counts();
    if (validationsRunning + validationsWaiting >= asking) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
