/** A request that is tried again three times: an invoked promise, a guard on the context, a delay. */
import { assign, fromPromise, setup } from 'xstate';

export const fetchWithRetry = setup({
  types: { context: {} as { retries: number } },
  actors: {
    load: fromPromise(async () => fetch('https://example.com/').then((one) => one.text())),
  },
  guards: { canRetry: ({ context }) => context.retries < 3 },
  actions: { count: assign({ retries: ({ context }) => context.retries + 1 }) },
  delays: { backoff: 1_000 },
}).createMachine({
  id: 'fetchWithRetry',
  context: { retries: 0 },
  initial: 'idle',
  states: {
    idle: { on: { FETCH: 'loading' } },
    loading: {
      tags: 'busy',
      invoke: {
        id: 'load',
        src: 'load',
        onDone: 'success',
        onError: [
          { guard: 'canRetry', target: 'waiting', actions: 'count' },
          { target: 'failure' },
        ],
      },
      on: { CANCEL: 'idle' },
    },
    waiting: { tags: 'busy', after: { backoff: 'loading' }, on: { CANCEL: 'idle' } },
    success: { type: 'final' },
    failure: { on: { FETCH: { target: 'loading', actions: assign({ retries: 0 }) } } },
  },
});

export const ixgate = {
  always: { 'at most 3 retries': ({ context }) => Number(context.retries) <= 3 },
  leadsTo: { 'loading ends': ['loading', ({ matches }) => !matches('loading')] },
  due: ['xstate.done.actor.load', 'xstate.error.actor.load'],
} satisfies import('ixgate/model').ChartOptions;
