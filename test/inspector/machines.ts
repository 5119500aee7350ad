/** Machines of the apps in the tests of the inspector. */
import { assign, createMachine, fromPromise, sendParent, setup } from 'xstate';

/** A light that only goes around. */
export const light = createMachine({
  id: 'light',
  initial: 'green',
  states: {
    green: { on: { NEXT: 'yellow' } },
    yellow: { on: { NEXT: 'red' } },
    red: { on: { NEXT: 'green' } },
  },
});

/** A form with a child that asks a promise, and a guard. */
export const form = setup({
  types: { context: {} as { tries: number } },
  actors: { save: fromPromise(async () => 'saved') },
  guards: { mayTry: ({ context }) => context.tries < 2 },
}).createMachine({
  id: 'form',
  initial: 'editing',
  context: { tries: 0 },
  states: {
    editing: {
      on: {
        SUBMIT: [
          {
            guard: 'mayTry',
            target: 'saving',
            actions: assign({ tries: ({ context }) => context.tries + 1 }),
          },
          { target: 'blocked' },
        ],
      },
    },
    saving: { invoke: { id: 'save', src: 'save', onDone: 'editing' } },
    blocked: { type: 'final' },
  },
});

/** A parent whose child answers it. */
export const pingPong = setup({
  actors: {
    ponger: createMachine({
      id: 'ponger',
      on: { PING: { actions: sendParent({ type: 'PONG' }) } },
    }),
  },
}).createMachine({
  id: 'pinger',
  initial: 'waiting',
  invoke: { id: 'ponger', src: 'ponger' },
  states: {
    waiting: {
      on: {
        GO: {
          actions: ({ self }) => self.getSnapshot().children.ponger?.send({ type: 'PING' }),
          target: 'asked',
        },
      },
    },
    asked: { on: { PONG: 'answered' } },
    answered: {},
  },
});
