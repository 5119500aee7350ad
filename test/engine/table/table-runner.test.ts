import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createActor, SimulatedClock } from 'xstate';
import { compiledChart } from '../../../machines/engine/table/compiled-chart.js';
import {
  configurationOf,
  configurations,
  type DisconnectReason,
  mealyMachineOf,
  quiescence,
  type RegistrationEvent,
  type RegistrationEventType,
  RegistrationRunner,
  type RegistrationSnapshot,
  registrationEventTypes,
  registrationTable,
  type SeatActions,
  type SeatDelays,
  Session,
  type StepRecord,
  seated,
  stateCover,
  stepOf,
} from '../../../machines/index.js';

const delays: SeatDelays = { registrationTimeout: 10_000, rejectionTimeout: 5_000 };

const actionNames = [
  'opened',
  'validate',
  'settle',
  'refuse',
  'refused',
  'granted',
  'registerAgain',
  'deliver',
  'unexpected',
] as const satisfies readonly (keyof SeatActions)[];

/** The events that a seat sends from within its actions. */
type Answers = Partial<Record<(typeof actionNames)[number], RegistrationEventType>>;

interface Run {
  readonly session: Session;
  readonly clock: SimulatedClock;
  readonly steps: StepRecord[];
  readonly actions: string[];
}

function eventOf(type: RegistrationEventType, reason: DisconnectReason = 'peer-closed') {
  if (type === 'Disconnected') return { type, reason };
  if (type === 'Connected') return { type };
  return { type, message: { messageName: type, referenceId: 7 } } as RegistrationEvent;
}

/** One session whose chart runs in an XState actor or by the table. */
function start(by: 'actor' | 'table', answers: Answers): Run {
  const clock = new SimulatedClock();
  const steps: StepRecord[] = [];
  const actions: string[] = [];
  const act = (name: (typeof actionNames)[number]) => (event: RegistrationEvent) => {
    // The actions of a timer receive an internal event, which seats do not read.
    actions.push(
      event.type in delays || event.type.startsWith('xstate.') ? name : `${name} ${event.type}`,
    );
    const answer = answers[name];
    if (answer) session.send(eventOf(answer, 'server-closed'));
  };
  const seat = {
    delays,
    actions: {
      ...(Object.fromEntries(actionNames.map((name) => [name, act(name)])) as Partial<SeatActions>),
      disconnect: (reason: DisconnectReason) => actions.push(`disconnect ${reason}`),
    },
  };
  const runner =
    by === 'table' ? new RegistrationRunner({ seat, clock }) : createActor(seated(seat), { clock });
  const time = { wall: () => 1_000 + clock.now(), monotonic: () => clock.now() };
  const session = new Session(runner, {
    session: 's',
    seat: 'server',
    delays,
    time,
    onStep: (step) => steps.push(step),
  });
  runner.start();
  return { session, clock, steps, actions };
}

type Move = RegistrationEventType | number;

function play(by: 'actor' | 'table', moves: readonly Move[], answers: Answers) {
  const run = start(by, answers);
  for (const move of moves) {
    if (typeof move === 'number') run.clock.increment(move);
    else run.session.send(eventOf(move));
  }
  const { session, steps, actions } = run;
  return { steps, actions, configuration: session.configuration, deadline: session.deadline };
}

function expectAlike(moves: readonly Move[], answers: Answers = {}) {
  const byTable = play('table', moves, answers);
  expect(byTable).toEqual(play('actor', moves, answers));
  return byTable;
}

/** The seats: an observer, a server that accepts, one that refuses, and one that closes. */
const seats: Record<string, Answers> = {
  observer: {},
  accepting: {
    validate: 'EventAck',
    refuse: 'EventError',
    registerAgain: 'EventError',
  },
  refusing: { validate: 'EventError', refuse: 'EventError' },
  closing: { refused: 'Disconnected', granted: 'Disconnected', settle: 'OtherMessage' },
};

const cover = stateCover(mealyMachineOf(registrationTable()));
const movesTo = (configuration: string): Move[] =>
  (cover.get(configuration) ?? []).map((input) =>
    input === quiescence ? delays.registrationTimeout : (input as RegistrationEventType),
  );

describe('the runner takes the steps of an XState actor', () => {
  it.each(configurations)('for every event and every moment in %s', (configuration) => {
    const moves = movesTo(configuration);
    expect(expectAlike(moves).configuration).toBe(configuration);
    for (const type of registrationEventTypes) {
      for (const answers of Object.values(seats)) expectAlike([...moves, type], answers);
    }
    for (const time of [1, 4_999, 5_000, 9_999, 10_000])
      expectAlike([...moves, time, 'EventError', time]);
  });

  it.each(Object.entries(seats))('on random walks, with its step records: %s', (_name, answers) => {
    const move = fc.oneof(
      {
        weight: 4,
        arbitrary: fc.constantFrom(
          ...registrationEventTypes.filter((type) => type !== 'Disconnected'),
        ),
      },
      { weight: 2, arbitrary: fc.nat(6_000) },
      { weight: 1, arbitrary: fc.constant('Disconnected' as const) },
    );
    let steps = 0;
    fc.assert(
      fc.property(fc.array(move, { maxLength: 30 }), (moves) => {
        steps += expectAlike(['Connected', ...moves], answers).steps.length;
      }),
      { numRuns: 150 },
    );
    expect(steps).toBeGreaterThan(150);
  });

  it('and leaves no stopped timer running', () => {
    const running = new Set<number>();
    let count = 0;
    const clock = {
      setTimeout() {
        count += 1;
        running.add(count);
        return count;
      },
      clearTimeout: (id: number) => void running.delete(id),
    };
    const runner = new RegistrationRunner({ seat: { actions: {}, delays }, clock });
    runner.start();
    const left: number[] = [];
    for (const type of [
      'Connected',
      'OtherMessage',
      'EventError',
      'RequestRegisterClient',
      'EventAck',
    ] as const) {
      runner.send(eventOf(type));
      left.push(running.size);
    }
    expect(left).toEqual([1, 1, 1, 1, 0]);
  });

  it('on a walk of 100,000 steps over many sessions', () => {
    const event = fc.constantFrom(...registrationEventTypes.slice(0, -1));
    const move = fc.oneof(
      { weight: 30, arbitrary: event },
      { weight: 6, arbitrary: fc.nat(2_000) },
      { weight: 1, arbitrary: fc.constant('Disconnected' as const) },
    );
    let steps = 0;
    const session = fc.tuple(
      fc.constantFrom(...Object.values(seats)),
      fc.array(move, { minLength: 40, maxLength: 80 }),
    );
    fc.assert(
      fc.property(fc.array(session, { minLength: 100, maxLength: 100 }), (sessions) => {
        for (const [answers, moves] of sessions) {
          steps += expectAlike(['Connected', ...moves], answers).steps.length;
        }
      }),
      { numRuns: 60 },
    );
    expect(steps).toBeGreaterThan(100_000);
  });
});

describe('the compiled chart', () => {
  it('is the table, cell for cell, with numbers for names', () => {
    const table = registrationTable();
    const { initial, inputs, timers, steps, values, isFinal } = compiledChart(table);
    const states = Object.keys(table.states);
    const names = [...table.events, ...table.timers];
    expect([...inputs.keys()]).toEqual(names);
    expect(steps).toHaveLength(states.length * names.length);
    expect(states[initial]).toBe(table.initial);
    const nameOf = (numbers: readonly number[]) => numbers.map((number) => timers[number]);
    for (const [at, state] of states.entries()) {
      expect(configurationOf({ value: values[at] } as RegistrationSnapshot)).toBe(state);
      expect(isFinal[at]).toBe(state === 'disconnected');
      for (const [number, input] of names.entries()) {
        const cell = steps[at * names.length + number];
        const { to, actions, stops, starts } = stepOf(table, state, input);
        expect(states[cell?.to ?? -1]).toBe(to);
        expect(cell?.actions).toEqual(actions);
        expect(nameOf(cell?.stops ?? [])).toEqual(stops);
        expect(nameOf(cell?.starts ?? [])).toEqual(starts);
      }
    }
  });

  it('is compiled once for a table, and never starts two deadlines at once', () => {
    expect(compiledChart(registrationTable())).toBe(compiledChart(registrationTable()));
    for (const { timers } of Object.values(registrationTable().states)) {
      expect(timers.length).toBeLessThan(2);
    }
  });
});
