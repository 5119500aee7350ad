/** A table is never silently wrong: what it cannot express is an error with a code, and what it does not tell is a note. */
import { describe, expect, it } from 'vitest';
import {
  type AnyStateMachine,
  assign,
  cancel,
  createMachine,
  enqueueActions,
  fromCallback,
  fromPromise,
  raise,
  sendParent,
  sendTo,
  setup,
} from 'xstate';
import {
  ExploreError,
  type ExploreOptions,
  exploreMachine,
  stepOf,
} from '../../../machines/index.js';

const states = (chart: AnyStateMachine, options?: ExploreOptions) =>
  Object.keys(exploreMachine(chart, options).states);

function problemOf(chart: unknown, options?: ExploreOptions): ExploreError {
  try {
    exploreMachine(chart as AnyStateMachine, options);
  } catch (error) {
    if (error instanceof ExploreError) return error;
    throw error;
  }
  throw new Error('the chart was explored');
}

const notes = (chart: AnyStateMachine, kind: string) =>
  exploreMachine(chart)
    .notes.filter((note) => note.kind === kind)
    .map(({ text }) => text);

describe('the identity of a state', () => {
  it('contains whether the machine has ended', () => {
    const chart = createMachine({
      id: 'ended',
      type: 'parallel',
      states: { a: { initial: 'x', states: { x: { on: { GO: 'y' } }, y: { type: 'final' } } } },
    });
    const table = exploreMachine(chart);
    expect(table.states['a.y']?.isFinal).toBe(true);
    expect(table.states['a.x']?.isFinal).toBe(false);
  });

  it('contains the actors that run: an actor has an outcome only once', () => {
    const chart = setup({ actors: { load: fromPromise(async () => 1) } }).createMachine({
      id: 'actors',
      initial: 'a',
      states: {
        a: {
          invoke: { id: 'load', src: 'load', onDone: { actions: () => {} } },
          on: { AGAIN: { target: 'a', reenter: true } },
        },
      },
    });
    const table = exploreMachine(chart);
    const done = 'xstate.done.actor.load';
    const { to } = stepOf(table, 'a', done);
    expect(table.states[to]?.actors).toEqual([]);
    expect(stepOf(table, 'a', done).actions).toHaveLength(1);
    expect(stepOf(table, to, done)).toMatchObject({ to, actions: [] });
    expect(stepOf(table, to, 'AGAIN').to).toBe('a');
  });

  it('contains actors that an assignment spawned', () => {
    const chart = setup({ actors: { load: fromPromise(async () => 1) } }).createMachine({
      id: 'spawner',
      context: {},
      initial: 'a',
      states: {
        a: {
          on: {
            START: { actions: assign({ ref: ({ spawn }) => spawn('load', { id: 'kid' }) }) },
            'xstate.done.actor.kid': 'b',
          },
        },
        b: {},
      },
    });
    const table = exploreMachine(chart);
    expect(stepOf(table, 'a', 'xstate.done.actor.kid').to).toBe('a');
    expect(stepOf(table, stepOf(table, 'a', 'START').to, 'xstate.done.actor.kid').to).toBe('b');
  });
});

describe('what of the context is part of the state', () => {
  const counting = { n: ({ context }: { context: { n: number } }) => context.n + 1 };

  it('are the keys that guards read, not a counter beside them', () => {
    const chart = createMachine({
      id: 'beside',
      context: { n: 0, ok: false },
      initial: 'a',
      states: {
        a: {
          on: {
            COUNT: { actions: assign(counting) },
            ALLOW: { actions: assign({ ok: true }) },
            GO: { guard: ({ context }) => context.ok, target: 'b' },
          },
        },
        b: {},
      },
    });
    expect(states(chart)).toEqual(['a {"ok":false}', 'a {"ok":true}', 'b {"ok":true}']);
  });

  it('are the keys from which assignments make those keys', () => {
    const chart = createMachine({
      id: 'chain',
      context: { from: 0, to: 0, beside: 0 },
      initial: 'a',
      states: {
        a: {
          on: {
            TURN: {
              actions: assign({
                from: ({ context }) => (context.from + 1) % 2,
                beside: ({ context }) => context.beside + 1,
              }),
            },
            COPY: { actions: assign(({ context }) => ({ to: context.from })) },
            GO: { guard: ({ context }) => context.to === 1, target: 'b' },
          },
        },
        b: {},
      },
    });
    expect(states(chart)).toHaveLength(4 + 2);
  });

  it('are keys that the context does not have yet', () => {
    const chart = createMachine({
      id: 'later',
      context: {} as { user?: string },
      initial: 'a',
      states: {
        a: {
          on: {
            SIGN_IN: { actions: assign({ user: 'me' }) },
            GO: { guard: ({ context }) => context.user !== undefined, target: 'b' },
          },
        },
        b: {},
      },
    });
    expect(states(chart)).toEqual(['a', 'a {"user":"me"}', 'b {"user":"me"}']);
  });

  it('are the keys that enqueued actions and their checks read', () => {
    const chart = createMachine({
      id: 'enqueued',
      context: { n: 0 },
      initial: 'a',
      states: {
        a: {
          on: {
            X: {
              actions: enqueueActions(({ enqueue, check }) => {
                if (check(({ context }) => context.n < 2)) enqueue.assign(counting);
                else enqueue('full');
              }),
            },
          },
        },
      },
    });
    expect(states(chart)).toEqual(['a {"n":0}', 'a {"n":1}', 'a {"n":2}']);
  });

  it('may be named by the caller; states that then differ are an error', () => {
    const chart = createMachine({
      id: 'named',
      context: { n: 0 },
      initial: 'a',
      states: {
        a: {
          on: {
            X: [
              { guard: ({ context }) => context.n === 3, target: 'b' },
              { actions: assign({ n: ({ context }) => Math.min(3, context.n + 1) }) },
            ],
          },
        },
        b: {},
      },
    });
    expect(states(chart, { contextOf: ({ n }: { n: number }) => n })).toHaveLength(5);
    const problem = problemOf(chart, { contextOf: ({ n }: { n: number }) => n > 1 });
    expect(problem.code).toBe('NOT_DETERMINISTIC');
    expect(problem.message).toContain('contextOf');
  });

  it('an exact reason is given when it takes too many values, or when parallel states multiply', () => {
    const toggles = Array.from({ length: 14 }, (_, at) => [
      `region ${at}`,
      {
        initial: 'off',
        states: { off: { on: { [`T${at}`]: 'on' } }, on: { on: { [`T${at}`]: 'off' } } },
      },
    ]);
    const chart = createMachine({
      id: 'toggles',
      type: 'parallel',
      states: Object.fromEntries(toggles),
    });
    const { message } = problemOf(chart, { limit: 2_000 });
    expect(message).toContain('the parallel states multiply (toggles with 14 regions)');
    const counter = createMachine({
      id: 'counter',
      context: { n: 0, other: 0 },
      on: { X: [{ guard: ({ context }) => context.n < 0 }, { actions: assign(counting) }] },
    });
    expect(problemOf(counter, { limit: 50 }).message).toContain('context.n has 50 values');
  });
});

describe('inputs', () => {
  it('an event that only a wildcard takes is tried', () => {
    const chart = createMachine({
      id: 'wild',
      initial: 'a',
      states: { a: { on: { '*': 'b', 'mouse.*': 'c', 'mouse.up': 'd' } }, b: {}, c: {}, d: {} },
    });
    const table = exploreMachine(chart);
    const to = table.events.map((event) => [event, stepOf(table, 'a', event).to]);
    expect(Object.fromEntries(to)).toEqual({ '*': 'b', 'mouse.*': 'c', 'mouse.up': 'd' });
  });

  it('a snapshot of a running actor is tried', () => {
    const chart = setup({ actors: { kid: fromCallback(() => {}) } }).createMachine({
      id: 'watcher',
      initial: 'a',
      states: { a: { invoke: { id: 'kid', src: 'kid', onSnapshot: 'b' } }, b: {} },
    });
    expect(stepOf(exploreMachine(chart), 'a', 'xstate.snapshot.kid').to).toBe('b');
  });

  it('a delayed event that the chart raises is a timer, which can be cancelled', () => {
    const chart = createMachine({
      id: 'raising',
      initial: 'a',
      states: {
        a: {
          entry: [raise({ type: 'NOW' }), raise({ type: 'LATER' }, { delay: 50, id: 'wake' })],
          on: { NOW: { actions: 'now' }, LATER: 'b', STOP: { actions: cancel('wake') } },
        },
        b: {},
      },
    });
    const table = exploreMachine(chart);
    expect(table.start).toMatchObject({ actions: ['now'], starts: ['wake'] });
    expect(table.states[stepOf(table, 'a', 'wake').to]?.value).toBe('b');
    expect(stepOf(table, 'a', 'STOP').stops).toEqual(['wake']);
  });

  it('an event that the chart sends to itself is followed', () => {
    const chart = createMachine({
      id: 'self',
      initial: 'a',
      states: {
        a: { on: { X: { actions: [sendTo(({ self }) => self, { type: 'Y' }), 'sent'] }, Y: 'b' } },
        b: { entry: 'entered' },
      },
    });
    expect(stepOf(exploreMachine(chart), 'a', 'X')).toMatchObject({
      to: 'b',
      actions: ['sent', 'entered'],
    });
  });

  it('an event to the parent is an output', () => {
    const chart = createMachine({
      id: 'child',
      on: { X: { actions: sendParent({ type: 'Y' }) } },
    });
    const table = exploreMachine(chart);
    expect(stepOf(table, table.initial, 'X').actions).toEqual([
      'xstate.sendTo parent {"type":"Y"}',
    ]);
  });

  it('an actor without an implementation may have its outcomes', () => {
    const chart = createMachine({
      id: 'unknown',
      initial: 'a',
      states: { a: { invoke: { id: 'job', src: 'missing', onDone: 'b' } }, b: {} },
    });
    expect(stepOf(exploreMachine(chart), 'a', 'xstate.done.actor.job').to).toBe('b');
  });
});

describe('an exception', () => {
  it('of an assignment leads to a final state, and a note has the shortest path', () => {
    const chart = createMachine({
      id: 'crashing',
      context: {},
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
          },
        },
      },
    });
    const table = exploreMachine(chart);
    expect(table.states['error: boom']?.isFinal).toBe(true);
    expect(notes(chart, 'crash')).toEqual(['the chart fails after X, Y: boom']);
  });

  it('of an output is one, too', () => {
    const chart = createMachine({
      id: 'output',
      initial: 'a',
      output: () => {
        throw new Error('no output');
      },
      states: { a: { on: { X: 'b' } }, b: { type: 'final' } },
    });
    expect(notes(chart, 'crash')).toEqual(['the chart fails after X: no output']);
  });
});

describe('notes', () => {
  const reader = createMachine({
    id: 'reader',
    types: {} as { events: { type: 'X'; ok?: boolean } | { type: 'Z' } },
    initial: 'a',
    states: {
      a: { on: { X: { guard: ({ event }) => event.ok === true, target: 'b' } } },
      b: { initial: 'c', states: { c: { always: 'd' }, d: {} } },
    },
  });

  it('name states that no input reaches, and data that events lack', () => {
    expect(notes(reader, 'unreached')).toEqual([
      'no input reaches the state reader.b; perhaps an event needs data (option events)',
    ]);
    expect(notes(reader, 'event-data')).toEqual([
      'the chart reads data that an explored event lacks: X: ok; give it (option events)',
    ]);
  });

  it('are gone when the events have their data; a state that is left at once is reached', () => {
    const events = { good: { type: 'X', ok: true }, bad: { type: 'X', ok: false } };
    expect(exploreMachine(reader, { events }).notes).toEqual([]);
  });

  it('name a delay without an implementation, which XState does not wait for', () => {
    const chart = createMachine({
      id: 'delayed',
      initial: 'a',
      states: { a: { after: { pause: 'b' } }, b: {} },
    });
    expect(exploreMachine(chart).initial).toBe('b');
    expect(notes(chart, 'missing-delay')).toEqual([
      'the delay pause (state a) has no implementation: XState takes its transition at once',
    ]);
  });
});

describe('an error names the place and the remedy', () => {
  const simple = { initial: 'a', context: { n: 0 as number, list: [] as number[] } } as const;
  type Case = readonly [what: string, code: string, message: RegExp, chart: () => unknown];

  it.each<Case>([
    [
      'a machine without its input',
      'START_FAILED',
      /fails at its start: .*\. If it needs input, give it \(option input\)/,
      () => createMachine({ context: ({ input }) => ({ n: (input as { n: number }).n }) }),
    ],
    [
      'a guard that is missing',
      'NOT_IMPLEMENTED',
      /guard nope, which it needs at X in a\. Give one: machine\.provide/,
      () =>
        createMachine({ ...simple, states: { a: { on: { X: { guard: 'nope', target: 'a' } } } } }),
    ],
    [
      'data of an event that fails when it is missing',
      'EVENT_DATA',
      /at X in a: it reads event\.who, which the explored event lacks .* \(option events\)/s,
      () =>
        createMachine({
          types: {} as { events: { type: 'X'; who: { name: string } } },
          initial: 'a',
          states: {
            a: { on: { X: { guard: ({ event }) => event.who.name === 'me', target: 'a' } } },
          },
        }),
    ],
    [
      'a loop of transitions without events',
      'ENDLESS',
      /more than 1000 transitions without an event at the start/,
      () => createMachine({ initial: 'a', states: { a: { always: 'b' }, b: { always: 'a' } } }),
    ],
    [
      'a loop of raised events',
      'ENDLESS',
      /at X in a/,
      () =>
        createMachine({
          initial: 'a',
          states: {
            a: { on: { X: 'b' } },
            b: { entry: raise({ type: 'Y' }), on: { Y: { target: 'b', reenter: true } } },
          },
        }),
    ],
    [
      'a loop of events to itself',
      'ENDLESS',
      /sends events to itself for ever/,
      () => createMachine({ on: { X: { actions: sendTo(({ self }) => self, { type: 'X' }) } } }),
    ],
    [
      'a key that is written in place',
      'CONTEXT_CHANGED',
      /at X in a: .*bump writes context\.n\. Return new values from assign/,
      () =>
        setup({
          types: { context: {} as { n: number; list: number[] } },
          actions: {
            bump: assign(({ context }) => {
              context.n += 1;
              return context;
            }),
          },
        }).createMachine({
          ...simple,
          states: {
            a: { on: { X: { actions: 'bump' }, Y: { guard: ({ context }) => context.n > 3 } } },
          },
        }),
    ],
    [
      'a key that is written in place at the start',
      'CONTEXT_CHANGED',
      /at the start: .* writes context\.n\./,
      () =>
        createMachine({
          context: { n: 0 },
          entry: assign(({ context }) => {
            context.n += 1;
            return context;
          }),
        }),
    ],
    [
      'a loop of events to itself at the start',
      'ENDLESS',
      /^the chart echo cannot be explored at the start: it sends events to itself for ever/,
      () => {
        const speak = sendTo(({ self }) => self, { type: 'X' });
        return createMachine({ id: 'echo', entry: speak, on: { X: { actions: speak } } });
      },
    ],
    [
      'a value that is changed in place',
      'CONTEXT_CHANGED',
      /at X in a: .* changes a value of the context/,
      () =>
        createMachine({
          ...simple,
          context: { list: [] as number[] },
          states: {
            a: {
              on: {
                X: {
                  actions: assign({
                    list: ({ context }) => {
                      context.list.push(1);
                      return context.list;
                    },
                  }),
                },
              },
            },
          },
        }),
    ],
    [
      'a random number',
      'NOT_DETERMINISTIC',
      /different effects at X in a: once a \{\}, once b \{\}\. It depends on random numbers/,
      () =>
        createMachine({
          initial: 'a',
          states: { a: { on: { X: { guard: () => Math.random() > 0.5, target: 'b' } } }, b: {} },
        }),
    ],
    [
      'the time',
      'NOT_DETERMINISTIC',
      /at X in a/,
      () =>
        createMachine({
          ...simple,
          states: {
            a: {
              on: { X: { actions: assign({ n: () => Date.now() }) } },
              always: { guard: ({ context }) => context.n > 1, target: 'b' },
            },
            b: {},
          },
        }),
    ],
    [
      'a context that contains itself and decides',
      'NOT_COMPARABLE',
      /cannot be compared: .*circular.*\(option contextOf\)/is,
      () => {
        const context: { own?: unknown } = {};
        context.own = context;
        return createMachine({
          context,
          on: { X: { guard: (args) => args.context.own !== null, actions: 'note' } },
        });
      },
    ],
    [
      'the same delayed event twice at a time',
      'NOT_SUPPORTED',
      /starts the delayed event delayed Y while it already runs/,
      () =>
        createMachine({
          on: { X: { actions: sendTo(({ self }) => self, { type: 'Y' }, { delay: 10 }) } },
        }),
    ],
    ['nothing', 'NOT_A_MACHINE', /^undefined is not a machine/, () => undefined],
    [
      'a machine of xstate 4',
      'OTHER_XSTATE',
      /made by xstate 4 or older/,
      () => ({ id: 'old', transition() {} }),
    ],
    [
      'a machine of another copy of xstate 5',
      'OTHER_XSTATE',
      /made by another copy of xstate 5/,
      () => ({ id: 'copy', transition() {}, getInitialSnapshot() {} }),
    ],
  ])('%s', (_what, code, message, chart) => {
    const problem = problemOf(chart());
    expect(problem.code).toBe(code);
    expect(problem.message).toMatch(message);
  });
});

describe('time and random numbers', () => {
  it('are real again after the exploration', () => {
    const { Date: before } = globalThis;
    const { random } = Math;
    states(createMachine({ context: () => ({ at: Date.now() }), initial: 'a', states: { a: {} } }));
    expect([globalThis.Date, Math.random]).toEqual([before, random]);
  });
});
