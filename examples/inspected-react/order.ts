/** The machines of the app: an order with a promise, a timer and an actor for each item. */
import { type ActorRefFrom, assign, fromPromise, setup, stopChild } from 'xstate';

/** One item of the order. It is spawned, and stops when it is removed. */
export const itemMachine = setup({
  types: {
    context: {} as { name: string; pieces: number },
    input: {} as { name: string },
    events: {} as { type: 'MORE' } | { type: 'LESS' },
  },
}).createMachine({
  id: 'item',
  context: ({ input }) => ({ name: input.name, pieces: 1 }),
  initial: 'some',
  states: {
    some: {
      on: {
        MORE: { actions: assign({ pieces: ({ context }) => context.pieces + 1 }) },
        LESS: [
          { guard: ({ context }) => context.pieces === 1, target: 'none' },
          { actions: assign({ pieces: ({ context }) => context.pieces - 1 }) },
        ],
      },
    },
    none: { on: { MORE: 'some' } },
  },
});

export type ItemRef = ActorRefFrom<typeof itemMachine>;

export const orderMachine = setup({
  types: {
    context: {} as { items: ItemRef[]; number: number | null },
    events: {} as
      | { type: 'ADD'; name: string }
      | { type: 'REMOVE' }
      | { type: 'SUBMIT' }
      | { type: 'AGAIN' },
  },
  actors: {
    item: itemMachine,
    submit: fromPromise(async () => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      return 1_001;
    }),
  },
}).createMachine({
  id: 'order',
  context: { items: [], number: null },
  initial: 'editing',
  states: {
    editing: {
      on: {
        ADD: {
          actions: assign({
            items: ({ context, event, spawn }) => [
              ...context.items,
              spawn('item', { id: event.name, input: { name: event.name } }),
            ],
          }),
        },
        REMOVE: {
          guard: ({ context }) => context.items.length > 0,
          actions: [
            stopChild(({ context }) => context.items.at(-1) as ItemRef),
            assign({ items: ({ context }) => context.items.slice(0, -1) }),
          ],
        },
        SUBMIT: { guard: ({ context }) => context.items.length > 0, target: 'submitting' },
      },
    },
    submitting: {
      invoke: {
        id: 'submit',
        src: 'submit',
        onDone: {
          target: 'thanks',
          actions: assign({ number: ({ event }) => event.output }),
        },
        onError: 'editing',
      },
    },
    thanks: {
      on: { AGAIN: 'editing' },
      after: { 60000: 'editing' },
    },
  },
});
