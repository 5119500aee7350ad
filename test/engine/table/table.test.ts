import { describe, expect, it } from 'vitest';
import { assign, createMachine, emit, fromPromise, setup } from 'xstate';
import {
  configurations,
  exploreMachine,
  mealyMachineOf,
  NotFiniteError,
  quiescence,
  registrationTable,
  stepOf,
  supervisorMachine,
} from '../../../machines/index.js';
import { counter, player, remembering, threeTries, timed, toggle } from './charts.js';

function thrownBy(run: () => unknown): NotFiniteError {
  try {
    run();
  } catch (error) {
    if (error instanceof NotFiniteError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('an explored chart', () => {
  it('the registration chart has its nine configurations and a step for every event in each', () => {
    const table = registrationTable();
    expect(Object.keys(table.states).sort()).toEqual([...configurations].sort());
    for (const state of configurations) {
      const timers = table.states[state]?.timers ?? [];
      expect(Object.keys(table.steps[state] ?? {})).toEqual([...table.events, ...timers]);
    }
    expect(table.states['awaiting/rejection']?.timers).toEqual(['rejectionTimeout']);
    expect(table.states.registered?.timers).toEqual([]);
    expect(table.states.disconnected?.isFinal).toBe(true);
  });

  it('a toggle has two states', () => {
    const table = exploreMachine(toggle);
    expect(Object.keys(table.states)).toEqual(['off', 'on']);
    expect(stepOf(table, 'on', 'PRESS').to).toBe('off');
  });

  it('parallel regions have every pair of their states, and the actions in order', () => {
    const table = exploreMachine(player);
    expect(Object.keys(table.states)).toHaveLength(2 * 3);
    expect(stepOf(table, table.initial, 'PLAY').actions).toEqual(['enter']);
    expect(stepOf(table, '(sound.mute, tape.stopped)', 'MUTE').actions).toEqual(['leave']);
  });

  it('the history is part of the state', () => {
    const table = exploreMachine(remembering);
    const paused = Object.keys(table.states).filter((name) => name.startsWith('pause'));
    expect(paused).toHaveLength(3);
    const back = paused.map((name) => stepOf(table, name, 'RESUME').to);
    expect(new Set(back).size).toBe(3);
  });

  it('a timer with the name of an event is a different input', () => {
    const table = exploreMachine(timed);
    expect(table.timers).toEqual(['long', 'short', 'idle', 'tick', 'PING in timed.resting']);
    expect(stepOf(table, 'resting', 'PING').to).toBe('resting');
    expect(stepOf(table, 'resting', 'PING in timed.resting').to).toBe(table.initial);
  });

  it('a timer that restarts is stopped and started', () => {
    const table = exploreMachine(timed);
    const talking = stepOf(table, table.initial, 'PING').to;
    expect(stepOf(table, talking, 'PING')).toMatchObject({ stops: ['short'], starts: ['short'] });
  });

  it('a guard over a context with few values multiplies the states', () => {
    const table = exploreMachine(threeTries);
    const names = Object.keys(table.states);
    expect(names.filter((name) => name.startsWith('open'))).toHaveLength(3);
    expect(names.filter((name) => name.startsWith('closed'))).toHaveLength(1);
  });

  it('a set in the context is compared by its members', () => {
    const chart = createMachine({
      id: 'set',
      initial: 'a',
      context: { seen: new Set<number>() },
      states: {
        a: {
          on: {
            ADD: [
              { guard: ({ context }) => context.seen.size === 2, target: 'b' },
              {
                actions: assign({ seen: ({ context: { seen } }) => new Set([...seen, seen.size]) }),
              },
            ],
          },
        },
        b: {},
      },
    });
    expect(Object.keys(exploreMachine(chart).states)).toHaveLength(4);
  });

  it('an action with parameters from the context makes the context part of the state', () => {
    const chart = createMachine({
      id: 'told',
      initial: 'a',
      context: { n: 0 },
      states: {
        a: {
          on: {
            X: {
              actions: [
                assign({ n: ({ context }) => (context.n + 1) % 3 }),
                { type: 'tell', params: ({ context }: { context: { n: number } }) => context },
              ],
            },
          },
        },
      },
    });
    const table = exploreMachine(chart);
    const says = Object.keys(table.states).map((name) => stepOf(table, name, 'X').actions);
    expect(says).toEqual([['tell {"n":1}'], ['tell {"n":2}'], ['tell {"n":0}']]);
  });

  it('events that a chart emits are outputs, equal each time', () => {
    const chart = createMachine({
      id: 'sender',
      initial: 'a',
      states: { a: { on: { X: { actions: emit({ type: 'hey' }) } } } },
    });
    const outputs = [exploreMachine(chart), exploreMachine(chart)].map(
      (table) => stepOf(table, 'a', 'X').actions,
    );
    expect(outputs[0]).toEqual(['xstate.emit {"event":{"type":"hey"}}']);
    expect(outputs[1]).toEqual(outputs[0]);
  });

  it('the outcomes of an invoked actor are inputs', () => {
    const chart = setup({ actors: { load: fromPromise(async () => 1) } }).createMachine({
      id: 'loader',
      initial: 'idle',
      states: {
        idle: { on: { GO: 'loading' } },
        loading: { invoke: { src: 'load', id: 'load', onDone: 'done', onError: 'idle' } },
        done: { type: 'final' },
      },
    });
    const table = exploreMachine(chart);
    expect(table.events).toEqual(['GO', 'xstate.done.actor.load', 'xstate.error.actor.load']);
    expect(stepOf(table, 'idle', 'GO').actions).toEqual(['xstate.spawnChild load']);
    expect(stepOf(table, 'loading', 'xstate.done.actor.load').to).toBe('done');
    expect(stepOf(table, 'loading', 'xstate.error.actor.load').to).toBe('idle');
  });

  it('the supervisor is finite with limited attempts and fixed waits', () => {
    const error = new Error('gone');
    const input = {
      endpoints: ['one', 'two'],
      reconnect: true,
      retryRefused: false,
      initialDelay: 500,
      maxDelay: 1_000,
      spread: 1_000,
      random: () => 0.5,
    };
    const events = {
      Start: { type: 'Start' },
      Registered: { type: 'Registered' },
      'Refused for good': { type: 'Refused', error, transient: false },
      'Refused for now': { type: 'Refused', error, transient: true },
      Failed: { type: 'Failed', error },
      Lost: { type: 'Lost', error },
      Stop: { type: 'Stop' },
    };
    const options = { events, nameOf: () => 'state' };
    const table = exploreMachine(supervisorMachine, {
      ...options,
      input: { ...input, maxAttempts: 3 },
    });
    const values = new Set(Object.values(table.states).map(({ value }) => value));
    expect([...values].sort()).toEqual(['connecting', 'offline', 'online', 'stopped', 'waiting']);
    const endless = thrownBy(() =>
      exploreMachine(supervisorMachine, {
        ...options,
        limit: 500,
        input: { ...input, maxAttempts: Number.POSITIVE_INFINITY },
      }),
    );
    expect(endless.guards).toContain('attemptsLeft (state connecting, Failed)');
  });
});

describe('the error for a chart that cannot be explored', () => {
  it('names the guard that reads an unbounded counter', () => {
    const error = thrownBy(() => exploreMachine(counter, { limit: 50 }));
    expect(error.code).toBe('NOT_FINITE');
    expect(error.guards).toEqual(['isFull (state counting, MORE)']);
    expect(error.message).toBe(
      'the chart counter is not finite or too large: more than 50 states (option limit). context.count has 50 values and decides what the chart does (guards: isFull (state counting, MORE)). Decide outside the chart and send an event, keep only few values in the context, or name what decides (option contextOf)',
    );
  });

  it('names the place of an inline guard', () => {
    const chart = createMachine({
      id: 'inline',
      initial: 'a',
      context: { n: 0 },
      states: {
        a: {
          on: {
            X: [
              { guard: ({ context }) => context.n < 0, target: 'b' },
              { actions: assign({ n: ({ context }) => context.n + 1 }) },
            ],
          },
        },
        b: {},
      },
    });
    expect(thrownBy(() => exploreMachine(chart, { limit: 20 })).guards).toEqual([
      'an inline guard (state a, X)',
    ]);
  });
});

describe('a chart as a Mealy machine', () => {
  it('quiescence is one input when at most one timer runs, and its output names the timer', () => {
    const machine = mealyMachineOf(registrationTable());
    expect(machine.inputs.at(-1)).toBe(quiescence);
    expect(machine.step('awaiting/rejection', quiescence)).toEqual({
      to: 'disconnected',
      output: 'disconnect (rejectionTimeout)',
    });
    expect(machine.step('registered', quiescence)).toEqual({ to: 'registered', output: '' });
  });

  it('every timer is an input when several run at a time', () => {
    const machine = mealyMachineOf(exploreMachine(timed));
    expect(machine.inputs).toEqual([
      'REST',
      'PING',
      'long',
      'short',
      'idle',
      'tick',
      'PING in timed.resting',
    ]);
    expect(machine.step('resting', 'long')).toEqual({ to: 'resting', output: '' });
  });
});
