/** Small charts that together have every feature of XState that a table can express. Delays that run at the same time differ. */
import {
  type AnyStateMachine,
  and,
  assign,
  cancel,
  createMachine,
  type EventObject,
  emit,
  enqueueActions,
  fromCallback,
  fromObservable,
  fromPromise,
  log,
  not,
  or,
  raise,
  sendTo,
  setup,
  spawnChild,
  stateIn,
  stopChild,
} from 'xstate';

export interface Specimen {
  readonly machine: AnyStateMachine;
  readonly events?: Readonly<Record<string, EventObject>>;
  readonly input?: unknown;
  /** Milliseconds by the name of the timer in the table. */
  readonly delays?: Readonly<Record<string, number>>;
}

/** The actions that specimens run. */
export const actionNames = ['note', 'enter', 'leave', 'tell'] as const;

const never = { subscribe: () => ({ unsubscribe: () => {} }) };
const actors = {
  load: fromPromise(() => new Promise<never>(() => {})),
  listen: fromCallback(() => {}),
  stream: fromObservable(() => never as never),
  child: createMachine({ initial: 'a', states: { a: {} } }),
};
const withActors = setup({ actors, actions: { note: () => {}, enter: () => {}, leave: () => {} } });
const plus = (limit: number) =>
  assign({
    n: ({ context }: { context: { n: number } }) => Math.min(limit, context.n + 1),
  });

export const corpus: Readonly<Record<string, Specimen>> = {
  toggle: {
    machine: createMachine({
      initial: 'off',
      states: { off: { on: { T: 'on' } }, on: { on: { T: 'off' }, entry: 'enter', exit: 'leave' } },
    }),
  },
  'traffic light': {
    machine: createMachine({
      initial: 'green',
      states: {
        green: { after: { 300: 'yellow' } },
        yellow: { after: { 100: { target: 'red', actions: 'note' } } },
        red: {
          after: { 200: 'green' },
          initial: 'walk',
          states: { walk: { on: { CLOCK: 'wait' } }, wait: { on: { CLOCK: 'stop' } }, stop: {} },
        },
      },
    }),
    delays: { 300: 300, 100: 100, 200: 200 },
  },
  'fetch with retry': {
    machine: withActors.createMachine({
      context: { n: 0 },
      initial: 'idle',
      states: {
        idle: { on: { FETCH: 'loading' } },
        loading: {
          invoke: { id: 'load', src: 'load', onDone: 'success', onError: 'failure' },
          on: { CANCEL: 'idle' },
        },
        failure: {
          on: {
            RETRY: [
              {
                guard: ({ context }) => context.n < 2,
                target: 'loading',
                actions: plus(2) as never,
              },
              { target: 'gaveUp' },
            ],
          },
        },
        success: { type: 'final' },
        gaveUp: { type: 'final' },
      },
    }),
  },
  'form of several steps': {
    machine: createMachine({
      initial: 'name',
      states: {
        name: { on: { NEXT: 'address' } },
        address: { on: { NEXT: 'confirm', BACK: 'name' } },
        confirm: { on: { SUBMIT: 'sent', BACK: 'address' } },
        sent: { type: 'final', entry: 'note' },
      },
    }),
  },
  'tic-tac-toe on three fields': {
    machine: createMachine({
      context: { fields: [null, null, null] as (string | null)[], player: 'x' },
      initial: 'playing',
      states: {
        playing: {
          always: {
            guard: ({ context }) => context.fields.every((one) => one !== null),
            target: 'over',
          },
          on: {
            PLAY: {
              guard: ({ context, event }) => context.fields[event.at] === null,
              actions: assign({
                fields: ({ context, event }) =>
                  context.fields.map((one: string | null, at: number) =>
                    at === event.at ? context.player : one,
                  ),
                player: ({ context }) => (context.player === 'x' ? 'o' : 'x'),
              }),
            },
          },
        },
        over: { type: 'final' },
      },
    }),
    events: {
      first: { type: 'PLAY', at: 0 } as EventObject,
      second: { type: 'PLAY', at: 1 } as EventObject,
      third: { type: 'PLAY', at: 2 } as EventObject,
    },
  },
  always: {
    machine: createMachine({
      initial: 'a',
      states: {
        a: { on: { X: 'b' } },
        b: { always: { target: 'c', actions: 'note' } },
        c: { on: { X: 'a' } },
      },
    }),
  },
  'always with guards': {
    machine: createMachine({
      context: { n: 0 },
      initial: 'low',
      on: {
        UP: { actions: plus(4) as never },
        RESET: { target: '.low', actions: assign({ n: 0 }) },
      },
      states: {
        low: { always: { guard: ({ context }) => context.n > 1, target: 'high' } },
        high: { always: { guard: ({ context }) => context.n > 3, target: 'top' }, entry: 'enter' },
        top: { entry: 'note' },
      },
    }),
  },
  'guards of the event': {
    machine: createMachine({
      initial: 'a',
      states: {
        a: { on: { X: [{ guard: ({ event }) => event.big, target: 'b' }, { actions: 'note' }] } },
        b: { on: { X: { guard: ({ event }) => !event.big, target: 'a' } } },
      },
    }),
    events: {
      big: { type: 'X', big: true } as EventObject,
      small: { type: 'X', big: false } as EventObject,
    },
  },
  'and, or, not and stateIn': {
    machine: createMachine({
      type: 'parallel',
      states: {
        door: {
          initial: 'shut',
          states: { shut: { on: { OPEN: 'open' } }, open: { on: { SHUT: 'shut' } } },
        },
        light: {
          initial: 'off',
          states: {
            off: {
              on: {
                PRESS: { guard: and([not(stateIn({ door: 'shut' })), () => true]), target: 'on' },
              },
            },
            on: {
              on: { PRESS: { guard: or([stateIn({ door: 'shut' }), () => false]), target: 'off' } },
            },
          },
        },
      },
    }),
  },
  'guards with parameters': {
    machine: setup({
      types: { context: {} as { n: number } },
      guards: { atLeast: ({ context }, { least }: { least: number }) => context.n >= least },
    }).createMachine({
      context: { n: 0 },
      initial: 'a',
      on: { UP: { actions: plus(3) as never } },
      states: {
        a: { on: { GO: { guard: { type: 'atLeast', params: { least: 2 } }, target: 'b' } } },
        b: {
          on: {
            GO: {
              guard: { type: 'atLeast', params: ({ context }) => ({ least: context.n }) },
              target: 'a',
            },
          },
        },
      },
    }),
  },
  'an actor of a promise': {
    machine: withActors.createMachine({
      initial: 'a',
      states: {
        a: {
          invoke: {
            id: 'load',
            src: 'load',
            onDone: { target: 'b', actions: 'note' },
            onError: 'c',
          },
        },
        b: { on: { X: 'a' } },
        c: { on: { X: 'a' } },
      },
    }),
  },
  'an actor whose error is not handled': {
    machine: withActors.createMachine({
      initial: 'a',
      states: { a: { invoke: { id: 'load', src: 'load', onDone: 'b' } }, b: { on: { X: 'a' } } },
    }),
    events: {
      X: { type: 'X' },
      done: { type: 'xstate.done.actor.load' },
      failed: { type: 'xstate.error.actor.load', error: new Error('gone') } as EventObject,
    },
  },
  'an actor that stays when it is done': {
    machine: withActors.createMachine({
      initial: 'a',
      states: {
        a: {
          invoke: { id: 'load', src: 'load', onDone: { actions: 'note' } },
          on: { AGAIN: { target: 'a', reenter: true } },
        },
      },
    }),
  },
  'actors of a callback, an observable and a machine': {
    machine: withActors.createMachine({
      initial: 'a',
      states: {
        a: {
          invoke: [
            { id: 'listen', src: 'listen' },
            { id: 'stream', src: 'stream' },
          ],
          on: { X: 'b' },
        },
        b: {
          invoke: {
            id: 'child',
            src: 'child',
            onDone: 'c',
            input: ({ event }: { event: unknown }) => ({ event }),
          },
          on: { X: 'a' },
        },
        c: {},
      },
    }),
  },
  'a spawned actor': {
    machine: withActors.createMachine({
      context: {} as { ref?: unknown },
      initial: 'a',
      states: {
        a: {
          on: {
            START: { target: 'b', actions: spawnChild('load', { id: 'kid' }) },
            ASSIGN: {
              target: 'b',
              actions: assign({ ref: ({ spawn }) => spawn('load', { id: 'kid' }) }),
            },
          },
        },
        b: {
          on: { 'xstate.done.actor.kid': 'c', STOP: { target: 'c', actions: stopChild('kid') } },
        },
        c: { entry: 'enter' },
      },
    }),
  },
  'parallel regions': {
    machine: createMachine({
      type: 'parallel',
      states: {
        one: {
          initial: 'a',
          states: { a: { on: { X: 'b', Y: 'b' } }, b: { entry: 'enter', on: { X: 'a' } } },
        },
        two: {
          initial: 'a',
          states: { a: { on: { X: 'b' } }, b: { exit: 'leave', on: { X: 'a', Z: 'a' } } },
        },
      },
    }),
  },
  'parallel regions that end': {
    machine: createMachine({
      initial: 'work',
      states: {
        work: {
          type: 'parallel',
          onDone: { target: 'rest', actions: 'note' },
          states: {
            one: { initial: 'a', states: { a: { on: { X: 'end' } }, end: { type: 'final' } } },
            two: { initial: 'a', states: { a: { on: { Y: 'end' } }, end: { type: 'final' } } },
          },
        },
        rest: { on: { X: 'work' } },
      },
    }),
  },
  'shallow history': {
    machine: createMachine({
      initial: 'on',
      states: {
        on: {
          initial: 'one',
          states: {
            one: { on: { N: 'two' } },
            two: { on: { N: 'one' } },
            last: { type: 'history' },
          },
          on: { OFF: 'off' },
        },
        off: { on: { BACK: 'on.last', FRESH: 'on' } },
      },
    }),
  },
  'deep history': {
    machine: createMachine({
      initial: 'on',
      states: {
        on: {
          initial: 'one',
          states: {
            one: {
              initial: 'x',
              states: { x: { on: { N: 'y' } }, y: { on: { N: 'x' } } },
              on: { M: 'two' },
            },
            two: { on: { M: 'one' } },
            last: { type: 'history', history: 'deep' },
          },
          on: { OFF: 'off' },
        },
        off: { on: { BACK: 'on.last' } },
      },
    }),
  },
  'history with a default': {
    machine: createMachine({
      initial: 'off',
      states: {
        on: {
          initial: 'one',
          states: { one: {}, two: { on: { N: 'one' } }, last: { type: 'history', target: 'two' } },
          on: { OFF: 'off' },
        },
        off: { on: { BACK: 'on.last' } },
      },
    }),
  },
  'a wildcard': {
    machine: createMachine({
      initial: 'a',
      states: { a: { on: { X: 'b', '*': { actions: 'note' } } }, b: { on: { '*': 'a' } } },
    }),
  },
  'wildcards with a beginning': {
    machine: createMachine({
      initial: 'a',
      states: {
        a: { on: { 'mouse.*': 'b', 'mouse.up': 'c', '*': { actions: 'note' } } },
        b: { on: { '*': 'a' } },
        c: { on: { 'mouse.*': 'a' } },
      },
    }),
  },
  'an event that is forbidden below': {
    machine: createMachine({
      initial: 'a',
      on: { X: { actions: 'note' } },
      states: { a: { on: { X: undefined, Y: 'b' } }, b: { on: { Y: 'a' } } },
    }),
  },
  'onDone of a compound state': {
    machine: createMachine({
      initial: 'work',
      states: {
        work: {
          initial: 'a',
          states: { a: { on: { X: 'end' } }, end: { type: 'final', entry: 'enter' } },
          onDone: 'rest',
        },
        rest: { type: 'final' },
      },
    }),
  },
  'actions with parameters': {
    machine: createMachine({
      context: { n: 0 },
      initial: 'a',
      states: {
        a: {
          entry: { type: 'enter', params: { from: 'start' } },
          on: {
            X: { actions: { type: 'tell', params: { word: 'x' } } },
            Y: { target: 'a', reenter: true },
          },
        },
      },
    }),
  },
  'dynamic delays': {
    machine: setup({
      types: { context: {} as { n: number } },
      delays: { pause: ({ context }) => 100 + context.n },
      actions: { note: () => {} },
    }).createMachine({
      context: { n: 0 },
      initial: 'a',
      states: { a: { after: { pause: { target: 'b', actions: 'note' } } }, b: { on: { X: 'a' } } },
    }),
    delays: { pause: 100 },
  },
  'several timers of a state': {
    machine: createMachine({
      initial: 'a',
      states: {
        a: {
          after: { 10: { actions: 'note' }, 20: 'b' },
          on: { AGAIN: { target: 'a', reenter: true } },
        },
        b: { after: { 30: 'a' } },
      },
    }),
    delays: { 10: 10, 20: 20, 30: 30 },
  },
  'a timer with a guard': {
    machine: createMachine({
      context: { n: 0 },
      initial: 'a',
      states: {
        a: {
          after: {
            10: [
              { guard: ({ context }) => context.n > 1, target: 'b' },
              { target: 'a', reenter: true, actions: plus(2) as never },
            ],
          },
        },
        b: {},
      },
    }),
    delays: { 10: 10 },
  },
  reenter: {
    machine: createMachine({
      initial: 'a',
      states: {
        a: {
          initial: 'one',
          entry: 'enter',
          exit: 'leave',
          states: { one: { on: { N: 'two' } }, two: {} },
          on: {
            STAY: { actions: 'note' },
            INNER: { target: '.one' },
            OUTER: { target: '.one', reenter: true },
          },
        },
      },
    }),
  },
  'outputs of final states': {
    machine: createMachine({
      initial: 'a',
      context: { n: 3 },
      output: ({ context }) => context.n,
      states: {
        a: {
          initial: 'x',
          states: { x: { on: { X: 'y' } }, y: { type: 'final', output: { ok: true } } },
          onDone: 'b',
        },
        b: { type: 'final', output: 'done' },
      },
    }),
  },
  'sendTo an actor': {
    machine: withActors.createMachine({
      initial: 'a',
      states: {
        a: {
          invoke: { id: 'listen', src: 'listen' },
          on: { X: { actions: sendTo('listen', { type: 'HELLO' }) }, Y: 'b' },
        },
        b: {},
      },
    }),
  },
  'sendTo itself': {
    machine: createMachine({
      initial: 'a',
      states: {
        a: {
          on: { X: { target: 'b', actions: [sendTo(({ self }) => self, { type: 'Y' }), 'note'] } },
        },
        b: { on: { Y: { target: 'c', actions: 'tell' } } },
        c: { entry: 'enter', on: { X: 'a' } },
      },
    }),
  },
  'sendTo itself later': {
    machine: createMachine({
      initial: 'a',
      states: {
        a: {
          on: {
            X: {
              target: 'b',
              actions: sendTo(({ self }) => self, { type: 'Y' }, { delay: 40, id: 'later' }),
            },
          },
        },
        b: { exit: cancel('later'), on: { Y: 'a', X: 'c' } },
        c: {},
      },
    }),
    delays: { later: 40 },
  },
  'emit and log': {
    machine: createMachine({
      initial: 'a',
      states: {
        a: { on: { X: { target: 'b', actions: emit({ type: 'news' }) } } },
        b: { on: { X: { target: 'a', actions: ['note', log('back')] } } },
      },
    }),
  },
  raise: {
    machine: createMachine({
      initial: 'a',
      states: {
        a: { on: { X: { target: 'b', actions: [raise({ type: 'Y' }), 'note'] } } },
        b: { on: { Y: { target: 'c', actions: 'tell' } } },
        c: { entry: raise({ type: 'Z' }), on: { Z: { actions: 'note' }, X: 'a' } },
      },
    }),
  },
  'raise later': {
    machine: createMachine({
      initial: 'a',
      states: {
        a: {
          entry: raise({ type: 'Y' }, { delay: 50, id: 'wake' }),
          exit: cancel('wake'),
          on: { Y: 'b', X: 'b' },
        },
        b: { on: { X: 'a' } },
      },
    }),
    delays: { wake: 50 },
  },
  enqueueActions: {
    machine: createMachine({
      context: { n: 0 },
      initial: 'a',
      states: {
        a: {
          on: {
            X: {
              actions: enqueueActions(({ enqueue, check, context }) => {
                enqueue('note');
                if (check(() => context.n < 2)) enqueue.assign({ n: context.n + 1 });
                else enqueue.raise({ type: 'FULL' });
              }),
            },
            FULL: { target: 'b', actions: 'tell' },
          },
        },
        b: {},
      },
    }),
  },
  'assignments that build on each other': {
    machine: createMachine({
      context: { n: 0, twice: 0, beside: 0 },
      initial: 'a',
      states: {
        a: {
          on: {
            X: {
              actions: [
                assign({
                  n: ({ context }) => (context.n + 1) % 3,
                  beside: ({ context }) => context.beside + 1,
                }),
                assign(({ context }) => ({ twice: context.n * 2 })),
              ],
            },
            GO: { guard: ({ context }) => context.twice === 4, target: 'b' },
          },
        },
        b: {},
      },
    }),
  },
  tags: {
    machine: createMachine({
      initial: 'a',
      states: {
        a: { tags: ['idle'], on: { X: 'b' } },
        b: { tags: ['busy', 'shown'], on: { X: 'a' } },
      },
    }),
  },
  input: {
    machine: createMachine({
      context: ({ input }: { input: unknown }) => ({ left: (input as { lives: number }).lives }),
      initial: 'alive',
      states: {
        alive: {
          always: { guard: ({ context }) => context.left === 0, target: 'dead' },
          on: { HIT: { actions: assign({ left: ({ context }) => context.left - 1 }) } },
        },
        dead: { type: 'final' },
      },
    }),
    input: { lives: 3 },
  },
  'an assignment that throws': {
    machine: createMachine({
      context: { n: 0 },
      initial: 'a',
      states: {
        a: { on: { X: 'b' } },
        b: {
          on: {
            Y: {
              actions: assign(() => {
                throw new Error('boom');
              }),
            },
            X: 'a',
          },
        },
      },
    }),
  },
  'targets outside of the parent': {
    machine: createMachine({
      id: 'root',
      initial: 'a',
      states: {
        a: {
          initial: 'x',
          states: { x: { on: { OUT: '#root.b', IN: '#deep' } }, y: { id: 'deep', entry: 'enter' } },
        },
        b: { on: { BACK: '#deep' } },
      },
    }),
  },
  'transitions to several regions': {
    machine: createMachine({
      initial: 'off',
      states: {
        off: { on: { ON: ['#two.b', '#one.b'] } },
        on: {
          type: 'parallel',
          states: {
            one: { id: 'one', initial: 'a', states: { a: { on: { X: 'b' } }, b: {} } },
            two: { id: 'two', initial: 'a', states: { a: {}, b: { on: { X: 'a' } } } },
          },
          on: { OFF: 'off' },
        },
      },
    }),
  },
};
