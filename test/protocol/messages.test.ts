import { describe, expect, it } from 'vitest';
import { type ClientRequest, invalid } from '../../adapters/server/index.js';
import { closeGatesAfterEach, openGate } from '../support/gate.js';
import { registerRequest } from '../support/line-client.js';

closeGatesAfterEach();

const login = { messageName: 'RequestAgentLogin', referenceId: 2 };

describe('messages', () => {
  it('GATE-3.1 have names that are case-sensitive', async () => {
    const { client } = await openGate();
    await using one = await client();
    const answer = await one.ask(registerRequest({ messageName: 'requestregisterclient' }));
    expect(answer).toMatchObject({ errorCode: 1 });
  });

  it('GATE-3.2 GATE-9.1 keep attributes that the protocol does not name', async () => {
    const seen: ClientRequest['message'][] = [];
    const { client } = await openGate({
      onMessage: ({ message, reply }) => {
        seen.push(message);
        reply.ack();
      },
    });
    await using one = await client();
    expect(await one.ask(registerRequest({ colour: 'red' }))).toMatchObject({
      messageName: 'EventAck',
    });
    await one.ask({ ...login, place: { desk: [4] } });
    expect(seen).toEqual([{ ...login, place: { desk: [4] } }]);
  });

  it.each(['EventAck', 'EventError', 'Connected', 'Disconnected', 'OtherEvent', 'xstate.stop'])(
    'GATE-3.3 from a client named %s are any other message',
    async (messageName) => {
      const { client, server } = await openGate();
      await using one = await client();
      expect(await one.ask({ messageName, referenceId: 5 })).toMatchObject({
        messageName: 'EventError',
        referenceId: 5,
        errorCode: 1,
      });
      expect(server.sessions()).toMatchObject([{ state: 'awaiting/rejection' }]);
    },
  );

  it.each<[string, unknown]>([
    ['referenceId', undefined],
    ['referenceId', '1'],
    ['referenceId', 2_147_483_648],
    ['referenceId', 1.5],
    ['clientName', undefined],
    ['clientName', ''],
    ['clientName', 'x'.repeat(256)],
    ['clientName', 7],
    ['clientType', undefined],
    ['clientType', 'agentApplication'],
    ['mediaType', 7],
    ['proxyClientId', '7'],
    ['extension', []],
    ['extension', 'text'],
  ])(
    'GATE-3.4 that register with %s %j are malformed-request, and may be sent again',
    async (key, value) => {
      const { client } = await openGate();
      await using one = await client();
      const answer = await one.ask(registerRequest({ [key]: value }));
      expect(answer).toMatchObject({ messageName: 'EventError', errorCode: 3 });
      expect(answer?.errorDescription).toContain(key);
      expect(await one.ask(registerRequest())).toMatchObject({ messageName: 'EventAck' });
    },
  );

  it('GATE-3.5 count the characters of clientName, not its bytes', async () => {
    const { client } = await openGate();
    await using one = await client();
    expect(await one.ask(registerRequest({ clientName: '😀'.repeat(256) }))).toMatchObject({
      errorCode: 3,
    });
    const halved = JSON.stringify(registerRequest({ clientName: '?' })).replace('?', '\\ud83d');
    expect(await one.ask(`${halved}\n`)).toMatchObject({ errorCode: 3 });
    expect(await one.ask(registerRequest({ clientName: '😀'.repeat(255) }))).toMatchObject({
      messageName: 'EventAck',
    });
  });

  it.each([-2_147_483_648, 0, 2_147_483_647])(
    'GATE-3.6 are acknowledged with their reference id %d and proxyClientId',
    async (referenceId) => {
      const { client } = await openGate();
      await using one = await client();
      expect(await one.ask(registerRequest({ referenceId, proxyClientId: 12 }))).toEqual({
        messageName: 'EventAck',
        referenceId,
        proxyClientId: 12,
      });
    },
  );

  it('GATE-3.7 are refused with their reference id, a number and a text', async () => {
    const { client } = await openGate({ validator: () => invalid('unknown name') });
    await using one = await client();
    expect(await one.ask(registerRequest({ referenceId: 9 }))).toEqual({
      messageName: 'EventError',
      referenceId: 9,
      errorCode: 2,
      errorDescription: 'client is not valid: unknown name',
    });
  });

  it.each([undefined, null, 'a', 1.5, 2_147_483_648, {}])(
    'GATE-3.8 with the reference id %j are answered with null',
    async (referenceId) => {
      const { client } = await openGate();
      await using one = await client();
      expect(await one.ask({ ...login, referenceId })).toMatchObject({ referenceId: null });
    },
  );
});

describe('order', () => {
  it('GATE-4.1 GATE-4.3 holds for messages sent without waiting: an answer each, in their order', async () => {
    const { client } = await openGate({ onMessage: ({ reply }) => void reply.ack() });
    await using one = await client();
    one.say(
      [
        login,
        registerRequest({ clientType: 'Desk' }),
        registerRequest({ referenceId: 3 }),
        { ...login, referenceId: 4 },
      ]
        .map((message) => `${JSON.stringify(message)}\n`)
        .join(''),
    );
    const answers = [await one.next(), await one.next(), await one.next(), await one.next()];
    expect(answers.map((answer) => [answer?.messageName, answer?.referenceId])).toEqual([
      ['EventError', 2],
      ['EventError', 1],
      ['EventAck', 3],
      ['EventAck', 4],
    ]);
  });

  it('GATE-4.2 waits for the verdict: what follows the registration is processed after it', async () => {
    const happened: string[] = [];
    let decide = (_verdict: boolean) => {};
    const { client } = await openGate({
      validator: () =>
        new Promise((resolve) => {
          happened.push('asked');
          decide = resolve;
        }),
      onMessage: ({ reply }) => {
        happened.push('message');
        reply.ack();
      },
    });
    await using one = await client();
    await using clock = await client();
    one.say(`${JSON.stringify(registerRequest())}\n${JSON.stringify(login)}\n`);
    // A whole exchange of another client: time enough for what must not happen.
    await clock.ask(login);
    expect(happened).toEqual(['asked']);
    decide(true);
    expect([await one.next(), await one.next()]).toMatchObject([
      { referenceId: 1 },
      { referenceId: 2 },
    ]);
    expect(happened).toEqual(['asked', 'message']);
  });

  it('GATE-4.4 is the service’s own after the registration, and what it does not answer gets no answer', async () => {
    const kept: ClientRequest[] = [];
    const { client } = await openGate({
      onMessage: (request) => {
        kept.push(request);
        if (kept.length < 3) return;
        kept[2]?.reply.ack();
        kept[0]?.reply.error(77, 'later');
      },
    });
    await using one = await client();
    await one.ask(registerRequest());
    for (const referenceId of [11, 12, 13]) one.say({ ...login, referenceId });
    expect([await one.next(), await one.next()]).toMatchObject([
      { messageName: 'EventAck', referenceId: 13 },
      { messageName: 'EventError', referenceId: 11, errorCode: 77 },
    ]);
  });

  it('GATE-4.5 ends with the close: what was received and not yet processed is not', async () => {
    const seen: unknown[] = [];
    const { client } = await openGate({
      onMessage: ({ message, session }) => {
        seen.push(message.referenceId);
        session.disconnect();
      },
    });
    await using one = await client();
    await one.ask(registerRequest());
    one.say(
      [1, 2, 3].map((referenceId) => `${JSON.stringify({ ...login, referenceId })}\n`).join(''),
    );
    expect(await one.next()).toBeNull();
    expect(seen).toEqual([1]);
  });
});
