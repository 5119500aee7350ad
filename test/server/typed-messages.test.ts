import { once } from 'node:events';
import { type as arktype } from 'arktype';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createServer, type ServerOptions } from '../../adapters/server/index.js';
import type { StepRecord } from '../../machines/index.js';
import { closeGatesAfterEach, openGate } from '../support/gate.js';
import { registerRequest } from '../support/line-client.js';

closeGatesAfterEach();

const login = { messageName: 'RequestAgentLogin', referenceId: 2 };

async function desk(options: Pick<ServerOptions, 'messages' | 'on' | 'onMessage' | 'redactNames'>) {
  const { server, client } = await openGate(options);
  const one = await client();
  await one.ask(registerRequest());
  return Object.assign(one, { server });
}

describe.each([
  ['valibot', v.object({ agentId: v.string(), place: v.optional(v.string(), 'p0') })],
  ['zod', z.object({ agentId: z.string(), place: z.string().default('p0') })],
  ['arktype', arktype({ agentId: 'string', place: "string = 'p0'" })],
])('a message with a schema of %s', (_library, schema) => {
  const messages = { RequestAgentLogin: schema } as const;

  it('comes to its handler with the output of the schema', async () => {
    const heard: unknown[] = [];
    await using one = await desk({
      messages,
      on: {
        RequestAgentLogin({ message, reply }) {
          heard.push(message);
          reply.ack();
        },
      },
    });
    const answer = await one.ask({ ...login, agentId: 'a1' });
    expect(answer).toEqual({ messageName: 'EventAck', referenceId: 2 });
    expect(heard).toEqual([{ ...login, agentId: 'a1', place: 'p0' }]);
  });

  it('is answered with invalid-attribute when an attribute is wrong, and is not handled', async () => {
    const heard: unknown[] = [];
    await using one = await desk({
      messages,
      on: { RequestAgentLogin: ({ message }) => heard.push(message) },
      onMessage: ({ message }) => heard.push(message),
    });
    const answer = await one.ask({ ...login, agentId: 7 });
    expect(answer).toMatchObject({ messageName: 'EventError', referenceId: 2, errorCode: 13 });
    expect(answer?.errorDescription).toMatch(
      /^attribute agentId of RequestAgentLogin is invalid: .*string/i,
    );
    expect((await one.ask(login))?.errorDescription).toBe(
      'attribute agentId of RequestAgentLogin is missing',
    );
    expect(heard).toEqual([]);
    expect(one.server.sessions()).toMatchObject([{ state: 'registered' }]);
  });
});

describe('a declared message', () => {
  it('without a handler goes to onMessage after its check; an undeclared one goes there unchecked', async () => {
    await using one = await desk({
      messages: { RequestAgentLogin: v.object({ agentId: v.string() }) },
      onMessage: ({ message, reply }) => void reply.ack({ heard: message }),
    });
    expect(await one.ask({ ...login, agentId: 'a', more: 1 })).toMatchObject({
      heard: { ...login, agentId: 'a' },
    });
    expect(await one.ask({ ...login, agentId: 1 })).toMatchObject({ errorCode: 13 });
    const other = { messageName: 'RequestOther', referenceId: 3, agentId: 1 };
    expect(await one.ask(other)).toMatchObject({ heard: other });
  });

  it.each(['__proto__', 'constructor', 'toString'])('is not taken for %s', async (messageName) => {
    await using one = await desk({
      messages: { RequestAgentLogin: v.object({}) },
      on: { RequestAgentLogin: () => {} },
      onMessage: ({ message, reply }) => void reply.ack({ heard: message.messageName }),
    });
    expect(await one.ask({ messageName, referenceId: 2 })).toMatchObject({ heard: messageName });
  });

  it('may have an asynchronous schema, and the messages behind it keep their order', async () => {
    const heard: unknown[] = [];
    await using one = await desk({
      messages: {
        RequestSlow: v.pipeAsync(
          v.object({ place: v.string() }),
          v.checkAsync(async ({ place }) => {
            await new Promise((resolve) => setImmediate(resolve));
            return place !== 'taken';
          }, 'the place is taken'),
        ),
      },
      onMessage: ({ message, reply }) => {
        heard.push(message.referenceId);
        reply.ack();
      },
    });
    for (const [referenceId, place] of [
      [2, 'free'],
      [3, 'taken'],
    ]) {
      one.say({ messageName: 'RequestSlow', referenceId, place });
    }
    one.say({ messageName: 'RequestFast', referenceId: 4 });
    expect([await one.next(), await one.next(), await one.next()]).toMatchObject([
      { messageName: 'EventAck', referenceId: 2 },
      { referenceId: 3, errorDescription: 'RequestSlow is invalid: the place is taken' },
      { messageName: 'EventAck', referenceId: 4 },
    ]);
    expect(heard).toEqual([2, 4]);
  });

  it('T32: with a wrong secret is answered without the value, and so is its step record', async () => {
    const steps: StepRecord[] = [];
    await using one = await desk({
      redactNames: ['badge'],
      messages: {
        RequestAgentLogin: v.object({
          pin: v.string(),
          extension: v.optional(v.object({ note: v.string() })),
          badge: v.optional(v.string()),
        }),
        // The text of an issue without a path has the whole message.
        RequestWhole: arktype({ pin: 'number' }).narrow((data, context) =>
          context.mustBe(`something else than ${JSON.stringify(data)}`),
        ),
      },
    });
    one.server.on('step', (step) => steps.push(step));
    const answers = [
      await one.ask({ ...login, pin: 471_147 }),
      await one.ask({ ...login, pin: '1', extension: { note: 471_147 } }),
      await one.ask({ ...login, pin: '1', badge: 471_147 }),
      await one.ask({ ...login, messageName: 'RequestWhole', pin: 471_147 }),
    ];
    expect(answers.map((answer) => answer?.errorDescription)).toEqual([
      'attribute pin of RequestAgentLogin is invalid',
      'attribute extension.note of RequestAgentLogin is invalid',
      'attribute badge of RequestAgentLogin is invalid',
      'RequestWhole is invalid',
    ]);
    expect(JSON.stringify([answers, steps])).not.toContain('471147');
  });

  it('has an ack that its schema checks before anything is sent', async () => {
    const ack = v.object({ placeId: v.string() });
    const messages = { RequestAgentLogin: { attributes: v.object({ n: v.number() }), ack } };
    await using one = await desk({
      messages,
      on: {
        RequestAgentLogin: ({ message, reply }) =>
          void reply.ack({ placeId: message.n === 1 ? 'p1' : 2, unknown: 3 }),
      },
    });
    expect(await one.ask({ ...login, n: 1 })).toEqual({
      messageName: 'EventAck',
      referenceId: 2,
      placeId: 'p1',
    });
    const problem = once(one.server, 'problem');
    expect(await one.ask({ ...login, n: 2 })).toMatchObject({ errorCode: 10 });
    expect((await problem)[0]).toMatchObject({
      code: 'INVALID_REPLY',
      message: expect.stringContaining('attribute placeId of EventAck for RequestAgentLogin'),
    });
  });

  it('is answered with internal-error when the schema itself throws', async () => {
    await using one = await desk({
      messages: {
        RequestAgentLogin: v.pipe(
          v.object({}),
          v.check(() => {
            throw new Error('boom');
          }),
        ),
      },
    });
    const problem = once(one.server, 'problem');
    expect(await one.ask(login)).toMatchObject({ errorCode: 10 });
    expect((await problem)[0].message).toBe('boom');
  });
});

describe('createServer', () => {
  it.each([
    [{ messages: { RequestX: {} } }, 'option messages.RequestX: expected a schema'],
    [
      { messages: { RequestX: { attributes: v.object({}), ack: 1 } } },
      'option messages.RequestX.ack',
    ],
    [{ messages: [] }, 'option messages: expected an object with the names of messages'],
    [{ messages: { RequestRegisterClient: v.object({}) } }, 'the validator decides on this one'],
    [{ on: { RequestRegisterClient: () => {} } }, 'the validator decides on this one'],
    [{ on: { RequestX: 'no' } }, 'option on.RequestX: expected a function'],
    [{ onMessage: 1 }, 'option onMessage: expected a function'],
    [{ concurrency: 0 }, 'option concurrency: expected a whole number from 1 to 1000, not 0'],
    [{ concurrency: 1_001 }, 'option concurrency'],
  ])('refuses %j', async (options, message) => {
    await expect(createServer(options as unknown as ServerOptions)).rejects.toMatchObject({
      code: 'BAD_OPTION',
      message: expect.stringContaining(message),
    });
  });

  it('takes other handlers and schemas while it runs', async () => {
    await using one = await desk({ on: { RequestX: ({ reply }) => void reply.ack({ n: 1 }) } });
    const ask = { messageName: 'RequestX', referenceId: 2 };
    expect(await one.ask(ask)).toMatchObject({ n: 1 });
    one.server.reconfigure({
      messages: { RequestX: v.object({ place: v.string() }) },
      on: { RequestX: ({ reply }) => void reply.ack({ n: 2 }) },
    });
    expect(await one.ask(ask)).toMatchObject({ errorCode: 13 });
    expect(await one.ask({ ...ask, place: 'p' })).toMatchObject({ n: 2 });
  });

  it('gives the data of the verdict to the session, from the registration on', async () => {
    const { server, client } = await openGate({});
    server.reconfigure({
      validator: (async ({ clientName }: { clientName: string }) => ({
        valid: true,
        data: { tenant: clientName },
      })) as never,
      onMessage: ({ session, reply }) => void reply.ack({ data: session.data }),
    });
    const heard: unknown[] = [];
    server.on('connected', ({ data }) => heard.push(data));
    server.on('registered', ({ data }) => heard.push(data));
    server.on('disconnected', ({ data }) => heard.push(data));
    const one = await client();
    await one.ask(registerRequest());
    expect(await one.ask({ messageName: 'RequestX' })).toMatchObject({
      data: { tenant: 'desk-1' },
    });
    const gone = once(server, 'disconnected');
    await one[Symbol.asyncDispose]();
    await gone;
    expect(heard).toEqual([undefined, { tenant: 'desk-1' }, { tenant: 'desk-1' }]);
  });
});
