import { once } from 'node:events';
import { Socket } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  type ClientRequest,
  createServer,
  type GateServer,
  type SendOutcome,
  type ServerOptions,
} from '../../adapters/server/index.js';
import type { StepRecord } from '../../machines/index.js';
import { type LineClient, lineClient, registerRequest } from '../support/line-client.js';

let server: GateServer;
let client: LineClient;

async function registered(onMessage?: (request: ClientRequest) => unknown) {
  server = await createServer({ listen: ['tcp://127.0.0.1:0'], onMessage });
  client = await lineClient(server.endpoints[0]?.port ?? 0);
  await client.ask(registerRequest());
}

afterEach(async () => {
  await client[Symbol.asyncDispose]();
  await server.close();
});

describe('messages of a registered client', () => {
  it('go to the service with all their attributes, and its answers come back by reference id', async () => {
    const heard: unknown[] = [];
    await registered(({ message, reply }) => {
      heard.push(message);
      if (message.messageName === 'RequestAgentLogin') reply.ack({ placeId: 'p1' });
      else if (message.messageName === 'RequestStop') reply.error(1234, 'not now');
      else if (message.messageName === 'RequestBusy') reply.error('server-busy', 'later');
      else reply.send({ messageName: 'EventPong' });
    });
    const login = {
      messageName: 'RequestAgentLogin',
      referenceId: 2,
      agentId: 'a',
      deep: { x: [1] },
    };
    expect(await client.ask(login)).toEqual({
      messageName: 'EventAck',
      referenceId: 2,
      placeId: 'p1',
    });
    expect(await client.ask({ messageName: 'RequestStop', referenceId: 3 })).toEqual({
      messageName: 'EventError',
      referenceId: 3,
      errorCode: 1234,
      errorDescription: 'not now',
    });
    expect(await client.ask({ messageName: 'RequestBusy', referenceId: 4 })).toMatchObject({
      errorCode: 6,
    });
    expect(await client.ask({ messageName: 'Ping', referenceId: 5 })).toEqual({
      messageName: 'EventPong',
      referenceId: 5,
    });
    expect(heard[0]).toEqual(login);
  });

  it('get no answer by themselves', async () => {
    const heard: string[] = [];
    await registered(({ message, reply }) => {
      heard.push(message.messageName);
      if (message.messageName === 'Second') reply.ack();
    });
    client.say({ messageName: 'First', referenceId: 2 });
    expect(await client.ask({ messageName: 'Second', referenceId: 3 })).toMatchObject({
      referenceId: 3,
    });
    expect(heard).toEqual(['First', 'Second']);
  });

  it('are answered once: a second answer is the service’s mistake and is said to be', async () => {
    const problems: Error[] = [];
    await registered(({ reply }) => {
      reply.ack();
      reply.error(9, 'no');
    });
    server.on('problem', (error) => problems.push(error));
    await client.ask({ messageName: 'RequestX', referenceId: 2 });
    expect(problems).toMatchObject([{ code: 'ALREADY_ANSWERED' }]);
  });

  it.each<[string, ServerOptions['onMessage'] & {}]>([
    [
      'throws',
      () => {
        throw new Error('secret-of-the-service');
      },
    ],
    ['rejects', () => Promise.reject(new Error('secret-of-the-service'))],
    ['replies with a value that JSON has no form for', ({ reply }) => reply.ack({ n: 10n })],
  ])(
    'T57: get internal-error, and not the text of the error, when the service %s',
    async (_, handler) => {
      await registered(handler);
      const problem = once(server, 'problem');
      const answer = await client.ask({ messageName: 'RequestX', referenceId: 2 });
      expect(answer).toMatchObject({ messageName: 'EventError', referenceId: 2, errorCode: 10 });
      expect(JSON.stringify(answer)).not.toContain('secret-of-the-service');
      expect((await problem)[0]).toBeInstanceOf(Error);
    },
  );

  it('T57: get no second reply when the service fails after it replied', async () => {
    await registered(({ message, reply }) => {
      reply.ack();
      if (message.referenceId === 2) throw new Error('too late');
    });
    const problem = once(server, 'problem');
    expect(await client.ask({ messageName: 'RequestX', referenceId: 2 })).toMatchObject({
      messageName: 'EventAck',
    });
    await problem;
    expect(await client.ask({ messageName: 'RequestX', referenceId: 3 })).toMatchObject({
      messageName: 'EventAck',
      referenceId: 3,
    });
  });

  it('T57: that the service fails over are a warning of the process where no listener takes problems', async () => {
    await registered(() => {
      throw new Error('boom');
    });
    const warned = once(process, 'warning');
    await client.ask({ messageName: 'RequestX', referenceId: 2 });
    expect((await warned)[0]).toMatchObject({ message: 'boom' });
  });

  it.each<[string, () => void | Promise<void>]>([
    [
      'throws',
      () => {
        throw new Error('boom');
      },
    ],
    ['rejects', () => Promise.reject(new Error('boom'))],
  ])('disturb no other client when the service %s over one of them', async (_, handler) => {
    await registered(handler);
    const problem = once(server, 'problem');
    expect(await client.ask({ messageName: 'RequestX' })).toMatchObject({ errorCode: 10 });
    expect(((await problem) as [Error])[0].message).toBe('boom');
    expect(server.sessions()).toMatchObject([{ state: 'registered' }]);
    expect(await client.ask(registerRequest())).toMatchObject({ errorCode: 4 });
  });

  it('T39: answered after the client has left are not sent, and the service gets closed', async () => {
    let answer: (() => SendOutcome) | undefined;
    await registered(({ reply }) => {
      answer = () => reply.ack();
    });
    client.say({ messageName: 'RequestX' });
    await expect.poll(() => answer).toBeDefined();
    const gone = once(server, 'disconnected');
    await client[Symbol.asyncDispose]();
    await gone;
    expect(answer?.()).toBe('closed');
  });
});

describe('the service', () => {
  it.each(['table', 'actor'] as const)(
    'T59: hears of a registration, a refusal and the end after their steps (%s)',
    async (runner) => {
      server = await createServer({
        listen: ['tcp://127.0.0.1:0'],
        runner,
        validator: ({ clientName }) => clientName === 'desk-1',
      });
      const heard: string[] = [];
      server.on('refused', (session) => heard.push(`refused ${session.info().state}`));
      server.on('registered', (session) => {
        heard.push(`registered ${session.info().state}`);
        heard.push(session.send({ messageName: 'EventWelcome' }));
      });
      server.on('disconnected', (session) => heard.push(`disconnected ${session.info().state}`));
      client = await lineClient(server.endpoints[0]?.port ?? 0);
      await client.ask(registerRequest({ clientName: 'stranger' }));
      expect(await client.ask(registerRequest())).toMatchObject({ messageName: 'EventAck' });
      expect(await client.next()).toEqual({ messageName: 'EventWelcome' });
      const gone = once(server, 'disconnected');
      server.session(server.sessions()[0]?.id ?? '')?.disconnect();
      await gone;
      expect(heard).toEqual([
        'refused awaiting/rejection',
        'registered registered',
        'sent',
        'disconnected disconnected',
      ]);
    },
  );

  it('sends any message to a registered client, and nothing to an unregistered one', async () => {
    await registered();
    const [info] = server.sessions();
    const session = server.session(info?.id ?? '');
    expect(session?.send({ messageName: 'EventInvite', ticket: 1 })).toBe('sent');
    expect(await client.next()).toEqual({ messageName: 'EventInvite', ticket: 1 });
    await using newcomer = await lineClient(server.endpoints[0]?.port ?? 0);
    await expect.poll(() => server.sessions()).toHaveLength(2);
    const unregistered = server.session(server.sessions()[1]?.id ?? '');
    expect(unregistered?.send({ messageName: 'EventInvite' })).toBe('not-registered');
    expect(newcomer.socket.destroyed).toBe(false);
  });

  it('disconnects a client, which sees the close after what was sent before it', async () => {
    await registered();
    const gone = once(server, 'disconnected');
    const session = server.session(server.sessions()[0]?.id ?? '');
    session?.send({ messageName: 'EventBye' });
    session?.disconnect();
    expect(await client.next()).toEqual({ messageName: 'EventBye' });
    expect(await client.next()).toBeNull();
    expect((await gone)[1]).toBe('server-closed');
  });

  it('is not disturbed by a listener that throws', async () => {
    await registered();
    const problem = once(server, 'problem');
    server.on('registered', () => {
      throw new Error('listener');
    });
    await using other = await lineClient(server.endpoints[0]?.port ?? 0);
    expect(await other.ask(registerRequest())).toMatchObject({ messageName: 'EventAck' });
    expect(((await problem) as [Error])[0].message).toBe('listener');
  });

  it('cuts off a client that does not read what it is sent', async () => {
    await registered();
    const gone = once(server, 'disconnected');
    client.socket.pause();
    const session = server.session(server.sessions()[0]?.id ?? '');
    const bulk = { messageName: 'EventBulk', text: 'x'.repeat(50_000) };
    let sent = 0;
    while (session?.send(bulk) !== 'closed' && sent < 2_000) sent += 1;
    expect((await gone)[1]).toBe('slow-reader');
    expect(sent).toBeLessThan(2_000);
  });

  it('sees each step once, in order, with the deadline and no secret', async () => {
    const steps: StepRecord[] = [];
    server = await createServer({ listen: ['tcp://127.0.0.1:0'] });
    server.on('step', (step) => steps.push(step));
    client = await lineClient(server.endpoints[0]?.port ?? 0);
    await client.ask({ messageName: 'RequestAgentLogin', password: 'hunter2', referenceId: 1 });
    await client.ask(registerRequest({ referenceId: 2, extension: { pin: 'pin-secret' } }));
    const gone = once(server, 'disconnected');
    await client[Symbol.asyncDispose]();
    await gone;
    expect(
      steps.map(({ seq, kind, direction, name, to }) => [seq, kind, direction, name, to]),
    ).toEqual([
      [1, 'lifecycle', null, 'Connected', 'awaiting/registration'],
      [2, 'message', 'in', 'RequestAgentLogin', 'refusing/registration'],
      [3, 'message', 'out', 'EventError', 'awaiting/rejection'],
      [4, 'message', 'in', 'RequestRegisterClient', 'validating/rejection'],
      [5, 'message', 'out', 'EventAck', 'registered'],
      [6, 'lifecycle', null, 'Disconnected', 'disconnected'],
    ]);
    expect(JSON.stringify(steps)).not.toMatch(/hunter2|pin-secret/);
    expect(steps[3]?.payload).toMatchObject({ extension: { pin: '***' } });
    expect(steps[1]?.deadline).toBeGreaterThan(9_000);
    expect(steps[2]?.deadline).toBeLessThanOrEqual(5_000);
    expect(steps[4]?.deadline).toBeNull();
    expect(steps[5]).toMatchObject({ reason: 'peer-closed' });
  });
});

describe('answers to messages that have come at once', () => {
  it('go out in one piece, in order, however many calls of the system each would take', async () => {
    await registered(({ reply }) => void reply.ack());
    const inOne = vi.spyOn(Socket.prototype, '_writev');
    try {
      const asked = Array.from({ length: 50 }, (_, index) => index + 10);
      const requests = asked.map((referenceId) => ({ messageName: 'RequestPing', referenceId }));
      client.say(`${requests.map((request) => JSON.stringify(request)).join('\n')}\n`);
      const answered: unknown[] = [];
      for (const _ of asked) answered.push((await client.next())?.referenceId);
      expect(answered).toEqual(asked);
      // The first has gone before it was known that there are more. A busy machine takes more than one turn for the others.
      const together = inOne.mock.calls.map(([chunks]) => (chunks as readonly unknown[]).length);
      const sum = together.reduce((total, length) => total + length, 0);
      expect(sum).toBeGreaterThan(25);
      expect(together.length).toBeLessThan(sum / 2);
    } finally {
      inOne.mockRestore();
    }
  });

  it('of a megabyte and a half do not count as waiting while the client reads', async () => {
    const long = 'x'.repeat(65_536);
    await registered(({ message, reply }) => {
      const times = message.messageName === 'RequestMuch' ? 24 : 1;
      for (let time = 0; time < times; time += 1) reply.send({ messageName: 'EventPart', long });
    });
    const asked = ['RequestPing', 'RequestMuch'].map((messageName, index) =>
      JSON.stringify({ messageName, referenceId: index + 2 }),
    );
    client.say(`${asked.join('\n')}\n`);
    for (let part = 0; part < 25; part += 1) {
      expect(await client.next()).toMatchObject({ messageName: 'EventPart' });
    }
    expect(server.counts().limits.maxUnsent).toBe(0);
  });

  it('are counted in bytes while they wait, whatever the text is made of', async () => {
    await registered();
    const gone = once(server, 'disconnected');
    client.socket.pause();
    const session = server.session(server.sessions()[0]?.id ?? '');
    // Three bytes each, so that a megabyte waits long before there are as many characters.
    const text = '\u20ac'.repeat(100_000);
    let sent = 0;
    let most = 0;
    while (session?.send({ messageName: 'EventBulk', text }) !== 'closed' && sent < 2_000) {
      sent += 1;
      most = sent;
    }
    expect((await gone)[1]).toBe('slow-reader');
    client.socket.resume();
    let came = 0;
    while ((await client.next()) !== null) came += 1;
    // What came was with the system; the rest waited, and was a megabyte and one message at most.
    expect((most - came) * 300_000).toBeLessThan(1_048_576 + 3 * 300_000);
  });

  it('wait for a client that does not read, and it is read on when it does', async () => {
    let handled = 0;
    const long = 'x'.repeat(4_096);
    await registered(({ reply }) => {
      handled += 1;
      reply.ack({ long });
    });
    client.socket.pause();
    const request = JSON.stringify({ messageName: 'RequestPing', referenceId: 2 });
    client.say(`${request}\n`.repeat(5_000));
    // What the system holds for the two of them is a few megabytes at most.
    for (let before = -1; before !== handled; ) {
      before = handled;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(handled).toBeGreaterThan(0);
    expect(handled).toBeLessThan(5_000);
    client.socket.resume();
    for (let count = 0; count < 5_000; count += 1) {
      expect(await client.next()).toMatchObject({ messageName: 'EventAck' });
    }
    expect(handled).toBe(5_000);
  });
});
