/** `npm run typecheck` compiles this file, so a wrong type fails there; running it shows that the calls work. */
import { type as arktype } from 'arktype';
import * as v from 'valibot';
import { afterEach, describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import {
  type Audience,
  createServer,
  type GateServer,
  type GateView,
  type SendOutcome,
  type ServerOptions,
  type ServerSession,
  type UndeclaredMessages,
  type Validator,
  valid,
} from '../../adapters/server/index.js';
import type { WireMessage } from '../../machines/index.js';

interface Messages {
  RequestAgentLogin: { attributes: { agentId: string }; ack: { placeId: string } };
  RequestAgentLogout: { attributes: { agentId: string; force?: boolean } };
}
interface Desk {
  readonly tenant: string;
}

const gates: { close(): Promise<void> }[] = [];
function kept<Gate extends { close(): Promise<void> }>(gate: Gate): Gate {
  gates.push(gate);
  return gate;
}
afterEach(() => Promise.all(gates.splice(0).map((gate) => gate.close())));

describe('the types of a gate', () => {
  it('narrow message, reply and data in the handlers of declared messages', async () => {
    kept(
      await createServer<Messages, Desk>({
        validator: () => ({ valid: true, data: { tenant: 'north' } }),
        on: {
          RequestAgentLogin({ message, session, reply }) {
            expectTypeOf(message.agentId).toEqualTypeOf<string>();
            expectTypeOf(message.messageName).toEqualTypeOf<'RequestAgentLogin'>();
            expectTypeOf(message.referenceId).toEqualTypeOf<number | null | undefined>();
            expectTypeOf(session.data).toEqualTypeOf<Desk>();
            expectTypeOf(reply.ack).parameters.toEqualTypeOf<[attributes: { placeId: string }]>();
            expectTypeOf(reply.ack({ placeId: 'p1' })).toEqualTypeOf<SendOutcome>();
            // @ts-expect-error the declared attribute is required
            expectTypeOf(reply.ack).toBeCallableWith();
            // @ts-expect-error another attribute is not declared
            void (() => reply.ack({ placeId: 'p1', other: 1 }));
            // @ts-expect-error the message has no such attribute
            message.password;
          },
          async RequestAgentLogout({ message, reply }) {
            expectTypeOf(message.force).toEqualTypeOf<boolean | undefined>();
            expectTypeOf(reply.ack).toBeCallableWith();
            expectTypeOf(reply.ack).toBeCallableWith({ anything: 1 });
          },
        },
        onMessage({ message, session }) {
          expectTypeOf(message).toEqualTypeOf<WireMessage>();
          expectTypeOf(session.data).toEqualTypeOf<Desk>();
        },
      }),
    );
    expectTypeOf<keyof NonNullable<ServerOptions<Messages, Desk>['on']>>().toEqualTypeOf<
      keyof Messages
    >();
    const wrong: ServerOptions<Messages, Desk> = {
      on: {
        // @ts-expect-error the message is not declared
        RequestUnknown() {},
      },
    };
    expect(Object.keys(wrong)).toEqual(['on']);
  });

  it.each([
    {
      library: 'valibot',
      attributes: v.object({ agentId: v.string(), place: v.optional(v.string(), 'p0') }),
      ack: v.object({ placeId: v.string() }),
    },
  ])('come from the schemas of $library', async ({ attributes, ack }) => {
    kept(
      await createServer({
        messages: { RequestAgentLogin: { attributes, ack }, RequestAgentLogout: attributes },
        on: {
          RequestAgentLogin({ message, reply }) {
            expectTypeOf(message.agentId).toEqualTypeOf<string>();
            expectTypeOf(message.place).toEqualTypeOf<string>();
            expectTypeOf(reply.ack).parameters.toEqualTypeOf<[attributes: { placeId: string }]>();
          },
          RequestAgentLogout({ message, reply }) {
            expectTypeOf(message.place).toEqualTypeOf<string>();
            expectTypeOf(reply.ack).toBeCallableWith();
          },
        },
      }),
    );
  });

  it('come from the schemas of zod and arktype', async () => {
    const options = {
      messages: {
        RequestAgentLogin: z.object({ agentId: z.string(), count: z.coerce.number() }),
        RequestSubmit: {
          attributes: arktype({ mediaType: "'chat' | 'email'" }),
          ack: z.object({ interactionId: z.string() }),
        },
      },
    } as const;
    kept(
      await createServer({
        ...options,
        on: {
          RequestAgentLogin({ message }) {
            expectTypeOf(message.agentId).toEqualTypeOf<string>();
            expectTypeOf(message.count).toEqualTypeOf<number>();
          },
          RequestSubmit({ message, reply }) {
            expectTypeOf(message.mediaType).toEqualTypeOf<'chat' | 'email'>();
            expectTypeOf(reply.ack).parameters.toEqualTypeOf<
              [attributes: { interactionId: string }]
            >();
          },
        },
      }),
    );
  });

  it('take the data of the verdict to the handlers, listeners and lookups', async () => {
    const gate = kept(
      await createServer({
        validator: async ({ clientName }) =>
          clientName === 'boss'
            ? { valid: true, cap: 1, data: { tenant: 'north' } }
            : { valid: false, reason: 'no' },
        onMessage: ({ session }) => expectTypeOf(session.data).toEqualTypeOf<{ tenant: string }>(),
      }),
    );
    expectTypeOf(gate).toEqualTypeOf<GateServer<UndeclaredMessages, { tenant: string }>>();
    gate.on('registered', (session) => {
      expectTypeOf(session).toEqualTypeOf<ServerSession<{ tenant: string }>>();
    });
    gate.on('disconnected', (session) => {
      expectTypeOf(session.data).toEqualTypeOf<{ tenant: string } | undefined>();
    });
    expectTypeOf(gate.named('boss')).toEqualTypeOf<Audience<{ tenant: string }>>();
    expectTypeOf(gate.where(({ data }) => data.tenant === 'north').send).returns.toEqualTypeOf<
      Readonly<Record<SendOutcome, number>>
    >();
    expectTypeOf(gate.session('x')?.data).toEqualTypeOf<{ tenant: string } | undefined>();
    expectTypeOf(gate).toExtend<GateView>();
    expect(gate.named('boss').size).toBe(0);
  });

  it('require data in each verdict that grants, where data is declared', () => {
    // @ts-expect-error data is missing
    const missing: Validator<Desk> = () => ({ valid: true });
    // @ts-expect-error true has no data
    const short: Validator<Desk> = () => true;
    // @ts-expect-error nor has the constant
    const constant: Validator<Desk> = () => valid;
    const maybe: Validator<Desk | undefined> = ({ clientName }) =>
      clientName === 'boss' ? { valid: true, data: { tenant: 'north' } } : true;
    const refusing: Validator<Desk> = () => false;
    expect([missing, short, constant, maybe, refusing]).toHaveLength(5);
  });

  it('leave an undeclared gate as it was: any message, no data', async () => {
    const gate = kept(
      await createServer({
        on: {
          RequestAnything({ message, reply }) {
            expectTypeOf(message.whatever).toEqualTypeOf<unknown>();
            reply.ack({ any: 1 });
          },
        },
        onMessage({ message, session, reply }) {
          expectTypeOf(message).toEqualTypeOf<WireMessage>();
          expectTypeOf(session.data).toEqualTypeOf<undefined>();
          reply.ack();
        },
      }),
    );
    gate.on('connected', (session) => expectTypeOf(session).toEqualTypeOf<ServerSession>());
    const plain = kept(await createServer());
    expectTypeOf(plain).toEqualTypeOf<GateServer>();
    expectTypeOf(gate).toExtend<GateServer>();
    expectTypeOf<GateServer<Messages, Desk>>().toExtend<GateView>();
  });
});
