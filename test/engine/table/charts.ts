/** Charts with different features, to explore. All delays differ. */
import { assign, createMachine, setup } from 'xstate';

const told = { actions: { enter: () => {}, leave: () => {}, go: () => {}, note: () => {} } };

export const toggle = createMachine({
  id: 'toggle',
  initial: 'off',
  states: { off: { on: { PRESS: 'on' } }, on: { on: { PRESS: 'off' } } },
});

/** Two regions, one of them nested. */
export const player = setup(told).createMachine({
  id: 'player',
  type: 'parallel',
  states: {
    sound: {
      initial: 'loud',
      states: {
        loud: { on: { MUTE: { target: 'mute', actions: 'note' } } },
        mute: { entry: 'enter', exit: 'leave', on: { MUTE: 'loud' } },
      },
    },
    tape: {
      initial: 'stopped',
      on: { EJECT: { target: '.stopped', actions: 'go' } },
      states: {
        stopped: { on: { PLAY: 'running' } },
        running: {
          entry: 'enter',
          initial: 'forward',
          states: { forward: { on: { TURN: 'back' } }, back: { on: { TURN: 'forward' } } },
          on: { STOP: 'stopped' },
        },
      },
    },
  },
});

/** Shallow and deep history. */
export const remembering = setup(told).createMachine({
  id: 'remembering',
  initial: 'work',
  states: {
    work: {
      initial: 'one',
      states: {
        one: { on: { NEXT: 'two' } },
        two: {
          initial: 'a',
          on: { NEXT: 'one' },
          states: { a: { on: { DOWN: 'b' } }, b: { entry: 'note', on: { DOWN: 'a' } } },
        },
        last: { type: 'history' },
        exactly: { type: 'history', history: 'deep' },
      },
      on: { PAUSE: 'pause' },
    },
    pause: { on: { BACK: 'work.last', RESUME: 'work.exactly', QUIT: 'gone' } },
    gone: { type: 'final' },
  },
});

/** Several timers at a time: one restarts, one has no target, one has the name of an event. */
export const timed = setup({
  ...told,
  delays: { short: 10, long: 100, idle: 1_000, tick: 3, PING: 7 },
}).createMachine({
  id: 'timed',
  initial: 'busy',
  states: {
    busy: {
      type: 'parallel',
      after: { long: { target: 'over', actions: 'note' } },
      states: {
        line: {
          initial: 'quiet',
          states: {
            quiet: { on: { PING: 'talking' } },
            talking: {
              entry: 'enter',
              exit: 'leave',
              after: { short: 'quiet' },
              on: { PING: { target: 'talking', reenter: true } },
            },
          },
        },
        watch: {
          initial: 'on',
          states: {
            on: { after: { idle: { target: 'off', actions: 'go' } } },
            off: { after: { tick: { actions: 'note' } } },
          },
        },
      },
      on: { REST: 'resting' },
    },
    resting: { after: { PING: 'busy' } },
    over: { type: 'final', entry: 'note' },
  },
});

/** A guard over a context with few values. */
export const threeTries = setup({
  ...told,
  types: { context: {} as { tries: number }, events: {} as { type: 'TRY' } | { type: 'FORGET' } },
  guards: { isLast: ({ context }) => context.tries === 2 },
}).createMachine({
  id: 'threeTries',
  context: { tries: 0 },
  initial: 'open',
  states: {
    open: {
      on: {
        TRY: [
          { guard: 'isLast', target: 'closed', actions: 'note' },
          { actions: assign({ tries: ({ context }) => context.tries + 1 }) },
        ],
        FORGET: { actions: assign({ tries: 0 }) },
      },
    },
    closed: { entry: 'enter' },
  },
});

/** A guard over a context with unbounded values. */
export const counter = setup({
  types: { context: {} as { count: number } },
  guards: { isFull: ({ context }) => context.count < 0 },
}).createMachine({
  id: 'counter',
  context: { count: 0 },
  initial: 'counting',
  states: {
    counting: {
      on: {
        MORE: [
          { guard: 'isFull', target: 'full' },
          { actions: assign({ count: ({ context }) => context.count + 1 }) },
        ],
      },
    },
    full: {},
  },
});
