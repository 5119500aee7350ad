import { getEventListeners, once } from 'node:events';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lastReferenceId, PendingRequests } from '../../adapters/client/pending.js';
import {
  ack,
  client,
  codeOf,
  error,
  granting,
  type Line,
  type Peer,
  rejection,
  type Script,
  scripted,
  tidyAfterEach,
} from './scripted-server.js';

tidyAfterEach();

const login = { messageName: 'RequestAgentLogin', agentId: '7001' };

/** A registered client, and the server it is registered with. */
async function registered(script: Script = () => {}) {
  const server = await scripted(granting(script));
  const made = client(server.endpoint);
  await made.client.registered;
  return { server, peer: server.peers[0] as Peer, desk: made.client, journal: made.journal };
}

describe('a request', () => {
  it('resolves with the answer that has its reference id, whatever it is called', async () => {
    const { desk, server } = await registered((line, peer) =>
      peer.say({ messageName: 'EventAgentLogin', referenceId: line.referenceId, place: 'p1' }),
    );
    expect(await desk.request(login)).toEqual({
      messageName: 'EventAgentLogin',
      referenceId: 2,
      place: 'p1',
    });
    expect(server.heard[1]).toEqual({ ...login, referenceId: 2 });
  });

  it('rejects with the code and the text of an EventError', async () => {
    const { desk } = await registered((line, peer) => peer.say(error(line, 51, 'no such agent')));
    expect(await rejection(desk.request(login))).toMatchObject({
      name: 'RequestRefusedError',
      code: 'REQUEST_REFUSED',
      errorCode: 51,
      errorDescription: 'no such agent',
      reply: { messageName: 'EventError', referenceId: 2 },
      message: 'RequestAgentLogin was refused: no such agent (error code 51)',
    });
    expect(desk.state).toBe('online');
  });

  it('is paired whatever the order of the answers', async () => {
    const waiting: Line[] = [];
    const { desk } = await registered((line, peer) => {
      waiting.push(line);
      if (waiting.length === 3)
        peer.say(...waiting.reverse().map((one) => ack(one, { to: one.messageName })));
    });
    const answers = await Promise.all(
      ['RequestA', 'RequestB', 'RequestC'].map((messageName) => desk.request({ messageName })),
    );
    expect(answers.map(({ to }) => to)).toEqual(['RequestA', 'RequestB', 'RequestC']);
  });

  it('keeps a given reference id, but not one that is pending', async () => {
    const { desk, server } = await registered((line, peer) => peer.say(ack(line)));
    const first = desk.request({ ...login, referenceId: 1000 });
    const second = rejection(desk.request({ ...login, referenceId: 1000 }));
    expect(() => desk.send({ ...login, referenceId: 1000 })).toThrow('referenceId');
    expect(await second).toMatchObject({ code: 'BAD_OPTION', option: 'referenceId' });
    expect((await first).referenceId).toBe(1000);
    expect((await desk.request({ ...login, referenceId: 1000 })).referenceId).toBe(1000);
    expect(server.heard).toHaveLength(3);
  });

  it('treats answers without a request as events', async () => {
    const { desk, journal } = await registered((line, peer) =>
      peer.say(
        { messageName: 'EventAck', referenceId: 999 },
        { messageName: 'EventError', referenceId: null, errorCode: 7, errorDescription: 'bye' },
        { messageName: 'EventAck', referenceId: '2' },
        { messageName: 'Disconnected', reason: 'drained' },
        { messageName: 'RequestRegisterClient', referenceId: -4 },
        ack(line),
        ack(line, { again: true }),
      ),
    );
    const told = once(desk, 'event');
    expect(await desk.request(login)).not.toHaveProperty('again');
    await told;
    expect(journal.slice(2)).toEqual([
      'event EventAck',
      'event EventError',
      'event EventAck',
      'event Disconnected',
      'event RequestRegisterClient',
      'event EventAck',
    ]);
    expect(desk.state).toBe('online');
  });

  it('rejects when it is not answered in time; the late answer is an event', async () => {
    const late: Line[] = [];
    const { desk, peer } = await registered((line) => late.push(line));
    const start = performance.now();
    expect(await rejection(desk.request(login, { timeout: 120 }))).toMatchObject({
      code: 'REPLY_TIMEOUT',
      messageName: 'RequestAgentLogin',
      referenceId: 2,
      timeout: 120,
    });
    expect(performance.now() - start).toBeGreaterThan(110);
    expect(desk.state).toBe('online');
    peer.say(ack(late[0] ?? {}));
    expect(await once(desk, 'event')).toEqual([{ messageName: 'EventAck', referenceId: 2 }]);
  });

  it('rejects with the reason of its signal, before and after it was sent, and leaves no listener', async () => {
    const { desk, server } = await registered();
    const reason = new Error('changed my mind');
    expect(await rejection(desk.request(login, { signal: AbortSignal.abort(reason) }))).toBe(
      reason,
    );
    const controller = new AbortController();
    const pending = rejection(desk.request(login, { signal: controller.signal }));
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1);
    controller.abort(reason);
    expect(await pending).toBe(reason);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
    expect(desk.state).toBe('online');
    expect(
      server.heard.filter(({ messageName }) => messageName === login.messageName),
    ).toHaveLength(server.heard.length - 1);
  });

  it('rejects when the server goes away, each one pending', async () => {
    const { desk } = await registered((line, peer) => {
      if (line.messageName === 'RequestB') peer.socket.end();
    });
    const both = ['RequestA', 'RequestB'].map((messageName) =>
      rejection(desk.request({ messageName })),
    );
    expect(await Promise.all(both)).toMatchObject([
      { code: 'DISCONNECTED', reason: 'peer-closed' },
      { code: 'DISCONNECTED', reason: 'peer-closed' },
    ]);
  });

  it('rejects when the server sends an invalid frame', async () => {
    const { desk } = await registered((_line, peer) => peer.say('nonsense\n'));
    expect(codeOf(await rejection(desk.request(login)))).toBe('PROTOCOL_ERROR');
  });

  it('rejects when the client is closed, and after', async () => {
    const { desk } = await registered();
    const pending = rejection(desk.request(login));
    const closing = desk.close();
    expect(codeOf(await pending)).toBe('CLIENT_CLOSED');
    expect(codeOf(await rejection(desk.request(login)))).toBe('CLIENT_CLOSED');
    expect(desk.send(login)).toBe(false);
    await closing;
  });

  it('rejects at once while the client is not online', async () => {
    const server = await scripted(() => {});
    const { client: desk } = client(server.endpoint);
    expect(await rejection(desk.request(login))).toMatchObject({
      code: 'DISCONNECTED',
      reason: 'not-online',
      message: 'the client is offline; a request needs a registered connection',
    });
    expect(desk.send(login)).toBe(false);
  });

  it('that is invalid, cannot be encoded or has an invalid timeout is rejected before it is sent', async () => {
    const { desk, server } = await registered();
    const circle: Record<string, unknown> = { messageName: 'RequestCircle' };
    circle.self = circle;
    for (const [message, option] of [
      [{ messageName: '' }, 'message'],
      [{}, 'message'],
      [{ messageName: 'RequestX', referenceId: 1.5 }, 'referenceId'],
    ] as const)
      expect(await rejection(desk.request(message as typeof login))).toMatchObject({
        code: 'BAD_OPTION',
        option,
      });
    expect(await rejection(desk.request(login, { timeout: 0 }))).toMatchObject({
      option: 'timeout',
    });
    expect(await rejection(desk.request(circle as typeof login))).toBeInstanceOf(TypeError);
    expect(() => desk.send(circle as typeof login)).toThrow(TypeError);
    expect(server.heard).toHaveLength(1);
    expect(desk.state).toBe('online');
  });
});

describe('a message that is only sent', () => {
  it('goes out as it is, and its answer is an event', async () => {
    const { desk, server } = await registered((line, peer) => peer.say(ack(line)));
    expect(desk.send({ messageName: 'RequestPing' })).toBe(true);
    expect(await once(desk, 'event')).toEqual([{ messageName: 'EventAck' }]);
    expect(server.heard[1]).toEqual({ messageName: 'RequestPing' });
  });
});

describe('reference ids', () => {
  it('count from 1 to the end of int32 and wrap to 1, leaving out those that are pending', () => {
    const pending = new PendingRequests(lastReferenceId - 2);
    const terms = { messageName: 'RequestX', timeout: Number.POSITIVE_INFINITY, signal: undefined };
    for (const referenceId of [lastReferenceId, 1, 3])
      pending.add({ ...terms, referenceId }).catch(() => {});
    expect([1, 2, 3].map(() => pending.nextReferenceId())).toEqual([lastReferenceId - 1, 2, 4]);
    pending.rejectAll(new Error('done'));
    expect(pending.size).toBe(0);
  });

  it('settle a request exactly once, whatever comes first and whatever comes after', async () => {
    const ending = fc.constantFrom('answer', 'error', 'abort', 'all');
    await fc.assert(
      fc.asyncProperty(fc.array(ending, { minLength: 1, maxLength: 6 }), async (endings) => {
        const pending = new PendingRequests();
        const controller = new AbortController();
        const outcome = pending
          .add({
            messageName: 'RequestX',
            referenceId: 5,
            timeout: 60_000,
            signal: controller.signal,
          })
          .then(
            () => 'answer',
            (reason: unknown) => codeOf(reason) ?? reason,
          );
        const settled = endings.map((one) => {
          if (one === 'answer') return pending.settle({ messageName: 'EventAck', referenceId: 5 });
          if (one === 'error') return pending.settle({ messageName: 'EventError', referenceId: 5 });
          if (one === 'abort') controller.abort('abort');
          else pending.rejectAll('all');
          return false;
        });
        expect(pending.size).toBe(0);
        const [first] = endings;
        expect(await outcome).toBe(first === 'error' ? 'REQUEST_REFUSED' : first);
        expect(settled.filter(Boolean).length).toBe(
          first === 'answer' || first === 'error' ? 1 : 0,
        );
      }),
    );
  });
});
