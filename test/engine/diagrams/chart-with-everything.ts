import { and, assign, cancel, fromPromise, not, raise, setup, stateIn } from 'xstate';

/** A chart with everything that diagrams show. */
export const everything = setup({
  types: { context: {} as { n: number } },
  actors: { load: fromPromise(async () => 1) },
  actions: { note: () => {}, tell: (_, _params: { word: string }) => {} },
  guards: { ready: () => true, atLeast: (_, _params: { least: number }) => true },
  delays: { pause: 100 },
}).createMachine({
  id: 'everything',
  context: { n: 0 },
  initial: 'off',
  states: {
    off: {
      on: {
        BACK: { target: 'on.last', guard: 'ready' },
        DEEP: {
          target: '#everything.on.one.all',
          guard: { type: 'atLeast', params: { least: 2 } },
        },
        'a <b> "c"': { target: 'on', actions: { type: 'tell', params: { word: '<&>' } } },
      },
      after: { 300: 'on', pause: { target: 'on', actions: 'note' } },
    },
    on: {
      entry: 'note',
      exit: cancel('wake'),
      type: 'parallel',
      on: { OFF: 'off', STAY: { actions: 'note' } },
      onDone: 'end',
      states: {
        one: {
          initial: 'x',
          states: {
            x: {
              invoke: {
                src: 'load',
                onDone: { target: 'y', guard: () => true },
                onError: '#everything.off',
              },
            },
            y: { type: 'final' },
            all: { type: 'history', history: 'deep', target: 'y' },
          },
        },
        two: {
          initial: 'x',
          states: {
            x: {
              entry: raise({ type: 'WAKE' }, { delay: 50, id: 'wake' }),
              on: { WAKE: { target: 'y', actions: assign({ n: 1 }) } },
              always: { guard: and(['ready', not(stateIn('#everything.off'))]), target: 'y' },
            },
            y: { type: 'final' },
          },
        },
        last: { type: 'history' },
      },
    },
    end: { type: 'final' },
  },
});
