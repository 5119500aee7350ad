/** What the inspector counts of actors. */
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { createActor, createMachine, type InspectionEvent, setup } from 'xstate';
import { SuiteCounts } from '../../../machines/engine/coverage/suite-counts.js';
import { exploreMachine } from '../../../machines/engine/table/explore.js';
import {
  type ActorCoverage,
  chartCoverage,
  coverageText,
  parseChartCoverage,
} from '../../../machines/entry/model.js';

const lamp = createMachine({
  id: 'lamp',
  initial: 'off',
  states: {
    off: { on: { PRESS: 'on' } },
    on: { on: { PRESS: 'off', BREAK: 'broken' }, entry: 'light' },
    broken: { type: 'final' },
  },
});

const json = (coverage: ActorCoverage) => coverage.toJSON().seats.actor;

describe('the inspector of a coverage', () => {
  it('counts each actor that starts as a session, several at once', () => {
    const coverage = chartCoverage(lamp);
    const [one, other] = [0, 1].map(() => createActor(lamp, coverage));
    one?.start();
    other?.start();
    one?.send({ type: 'PRESS' });
    other?.send({ type: 'PRESS' });
    one?.send({ type: 'PRESS' });
    one?.send({ type: 'UNKNOWN' });
    other?.send({ type: 'BREAK' });
    expect(json(coverage)).toEqual({
      sessions: 2,
      steps: 4,
      foreign: 0,
      states: { off: 3, on: 2, broken: 1 },
      transitions: { 'off:PRESS': 2, 'on:PRESS': 1, 'on:BREAK': 1 },
      pairs: { 'off:PRESS > on:BREAK': 1, 'off:PRESS > on:PRESS': 1 },
      guards: {},
    });
  });

  it('counts nothing of an actor that never starts', () => {
    const coverage = chartCoverage(lamp);
    createActor(lamp, coverage);
    expect(coverage.total.sessions).toBe(0);
    expect(coverage.parts.states.covered).toBe(0);
  });

  it('counts the machine with other implementations, and machines of a factory by their id', () => {
    const coverage = chartCoverage(lamp);
    createActor(lamp.provide({ actions: { light: () => {} } }), coverage).start();
    createActor(createMachine({ ...lamp.config }), coverage).start();
    createActor(createMachine({ ...lamp.config, id: 'other' }), coverage).start();
    expect(coverage.total.sessions).toBe(2);
    const nameless = createMachine({ initial: 'off', states: { off: {} } });
    const second = chartCoverage(nameless);
    createActor(createMachine({ initial: 'off', states: { off: {} } }), second).start();
    expect(second.total.sessions).toBe(0);
  });

  it('ignores children, unless they are the machine', () => {
    const parent = setup({ actors: { lamp } }).createMachine({
      id: 'room',
      initial: 'lit',
      states: { lit: { invoke: { src: 'lamp', id: 'child' }, on: { X: 'dark' } }, dark: {} },
    });
    const [ofParent, ofChild] = [chartCoverage(parent), chartCoverage(lamp)];
    const actor = createActor(parent, {
      inspect(event) {
        ofParent.inspect(event);
        ofChild.inspect(event);
      },
    }).start();
    actor.getSnapshot().children.child?.send({ type: 'PRESS' });
    actor.send({ type: 'X' });
    expect(ofParent.total.transitions).toEqual(new Map([['lit:X', 1]]));
    expect(ofChild.total.transitions).toEqual(new Map([['off:PRESS', 1]]));
    expect(ofChild.total.sessions).toBe(1);
  });

  it('begins in the middle for a restored actor and for one that runs already', () => {
    const before = createActor(lamp).start();
    before.send({ type: 'PRESS' });
    const coverage = chartCoverage(lamp);
    const { inspect } = coverage;
    createActor(lamp, { inspect, snapshot: before.getPersistedSnapshot() }).start();
    expect(coverage.total.states).toEqual(new Map([['on', 1]]));
    before.system.inspect(inspect);
    before.send({ type: 'PRESS' });
    expect(json(coverage)).toMatchObject({
      sessions: 2,
      states: { on: 2, off: 1 },
      transitions: { 'on:PRESS': 1 },
    });
  });

  it('counts states that are left at once, also before the start', () => {
    const machine = createMachine({
      initial: 'a',
      states: {
        a: { always: 'b' },
        b: { on: { X: 'c' } },
        c: { always: { target: 'd', guard: () => true } },
        d: {},
      },
    });
    const coverage = chartCoverage(machine);
    createActor(machine, coverage).start().send({ type: 'X' });
    expect(coverage.parts.states.missing).toEqual([]);
    expect(coverage.parts.transitions.missing).toEqual([]);
    expect(coverage.parts.guards.missing.map(({ id }) => id)).toEqual(['c:always is false']);
    // The start is not a step.
    expect(json(coverage)).toMatchObject({ sessions: 1, steps: 1, pairs: {} });
  });

  it('counts the transition that is taken where those of two regions exclude each other', () => {
    const region = (target: string) => ({ initial: 'x', states: { x: { on: { FAIL: target } } } });
    const machine = createMachine({
      id: 'm',
      initial: 'work',
      states: {
        work: { type: 'parallel', states: { one: region('#m.first'), two: region('#m.second') } },
        first: {},
        second: {},
      },
    });
    const coverage = chartCoverage(machine);
    const actor = createActor(machine, coverage).start();
    actor.send({ type: 'FAIL' });
    expect(actor.getSnapshot().value).toBe('first');
    const { transitions } = exploreMachine(machine).steps['work.(one.x, two.x)']?.FAIL ?? {};
    expect([...coverage.total.transitions.keys()]).toEqual(transitions);
    expect(coverage.parts.states.missing).toEqual(['second']);
  });

  it('reports an error inside of it once, and never throws', () => {
    const onError = vi.fn(() => {
      throw new Error('this does not matter');
    });
    const coverage = chartCoverage(lamp, { onError });
    const { inspect } = coverage;
    const withoutTransitions = (event: InspectionEvent) =>
      inspect(
        event.type === '@xstate.microstep' ? ({ ...event, _transitions: null } as never) : event,
      );
    const actor = createActor(lamp, { inspect: withoutTransitions }).start();
    actor.send({ type: 'PRESS' });
    actor.send({ type: 'PRESS' });
    expect(actor.getSnapshot().value).toBe('off');
    expect(onError).toHaveBeenCalledTimes(1);
    expect(onError).toHaveBeenCalledWith(
      expect.objectContaining({ message: 'the coverage of the machine lamp is incomplete' }),
    );
  });
});

describe('results of guards', () => {
  const asked = new Set<string>();
  const answers: Record<string, boolean> = {};
  const ask = (name: string) => () => {
    asked.add(`${name} is ${answers[name]}`);
    return answers[name] ?? false;
  };
  const names = ['inner', 'second', 'outer', 'any', 'region', 'whole', 'always', 'late'] as const;
  const machine = setup({
    guards: Object.fromEntries(names.map((name) => [name, ask(name)])),
  }).createMachine({
    id: 'm',
    initial: 'p',
    on: { X: { guard: 'whole', actions: [] }, 'mouse.*': { guard: 'any', target: '.end' } },
    states: {
      p: {
        type: 'parallel',
        on: { X: { guard: 'outer', target: 'p', reenter: true } },
        states: {
          one: {
            initial: 'a',
            states: {
              a: {
                on: {
                  X: [
                    { guard: 'inner', target: 'b' },
                    { guard: 'second', target: 'b' },
                  ],
                },
              },
              b: { always: { guard: 'always', target: 'a' }, on: { Y: 'a' } },
            },
          },
          two: {
            initial: 'c',
            on: { X: { guard: 'region', actions: [] } },
            states: { c: { always: { guard: 'late', target: 'd' } }, d: { on: { Y: 'c' } } },
          },
        },
      },
      end: { on: { Z: 'p' } },
    },
  });
  const guardOf = new Map(chartCoverage(machine).chart.guards.map((one) => [one.id, one]));

  it('are results that the guards had, on random walks', () => {
    const reached = new Set<string>();
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            type: fc.constantFrom('X', 'Y', 'Z', 'mouse.up', 'other'),
            truths: fc.subarray([...names]),
          }),
        ),
        (events) => {
          for (const name of names) answers[name] = false;
          asked.clear();
          const coverage = chartCoverage(machine);
          const actor = createActor(machine, coverage).start();
          for (const { type, truths } of events) {
            for (const name of names) answers[name] = truths.includes(name);
            actor.send({ type });
          }
          const counted = [...coverage.total.guards.keys()].map((id) => {
            const { guard, result } = guardOf.get(id) ?? {};
            return `${guard} is ${result}`;
          });
          expect(counted.filter((one) => !asked.has(one))).toEqual([]);
          for (const one of counted) reached.add(one);
          expect([...asked].filter((one) => !counted.includes(one))).toEqual([]);
        },
      ),
      { numRuns: 200 },
    );
    const all = names.flatMap((name) => [`${name} is true`, `${name} is false`]);
    expect(all.filter((one) => !reached.has(one))).toEqual([]);
  });
});

describe('results of guards without an event', () => {
  const results = (coverage: ActorCoverage) => [...coverage.total.guards.keys()].sort();

  it('are not asked again by XState when nothing changed', () => {
    const machine = createMachine({
      initial: 'a',
      states: { a: { on: { X: 'b' } }, b: { always: { guard: () => true, actions: () => {} } } },
    });
    for (const initial of ['a', 'b']) {
      const copy = createMachine({ ...machine.config, initial } as typeof machine.config);
      const coverage = chartCoverage(copy);
      createActor(copy, coverage).start().send({ type: 'X' });
      expect(results(coverage)).toEqual(['b:always is true']);
    }
  });

  it('are not known for a region whose transition another one excludes', () => {
    const region = (target: string) => ({
      initial: 'x',
      states: { x: { always: { guard: () => true, target } } },
    });
    const machine = createMachine({
      id: 'm',
      initial: 'a',
      states: {
        a: { on: { GO: 'p' } },
        p: { type: 'parallel', states: { one: region('#m.end'), two: region('#m.a') } },
        end: {},
      },
    });
    const coverage = chartCoverage(machine);
    createActor(machine, coverage).start().send({ type: 'GO' });
    expect(results(coverage)).toEqual(['p.one.x:always is true']);
  });
});

describe('a suite file', () => {
  it('covers the regions that are entered beside a target', () => {
    const region = { initial: 'x', states: { x: {}, y: {} } };
    const machine = createMachine({
      initial: 'a',
      states: {
        a: { on: { GO: 'p.one.y' } },
        p: { type: 'parallel', states: { one: region, two: region } },
      },
    });
    const coverage = chartCoverage(machine);
    const counts = new SuiteCounts(coverage, undefined);
    counts.add([['a:GO'], ['a:GONE']]);
    counts.finish();
    expect(coverage.parts.states.missing).toEqual(['p.one.x', 'p.two.y']);
    expect(json(coverage)).toMatchObject({ sessions: 1, steps: 2, foreign: 1, pairs: {} });
  });
});

describe('the file of a machine', () => {
  function used(): ActorCoverage {
    const coverage = chartCoverage(lamp);
    const actor = createActor(lamp, coverage).start();
    actor.send({ type: 'PRESS' });
    actor.send({ type: 'BREAK' });
    return coverage;
  }

  it('has the id of the machine, and can be read again', () => {
    const coverage = used();
    expect(JSON.parse(coverageText(coverage))).toMatchObject({ coverage: 1, machine: 'lamp' });
    const read = parseChartCoverage(coverageText(coverage), lamp);
    expect(read.problem).toBeNull();
    expect(read.coverage?.toJSON()).toEqual(coverage.toJSON());
    expect(read.coverage?.merge(coverage).total.steps).toBe(4);
  });

  it('of another machine is refused with both ids', () => {
    const door = createMachine({ id: 'door', initial: 'open', states: { open: {} } });
    const { problem } = parseChartCoverage(coverageText(used()), door);
    expect(problem).toBe(
      'counts the machine "lamp", and not the machine "door". Give its machine (--machine)',
    );
    expect(() => chartCoverage(door).merge(used())).toThrow(
      new RangeError('a coverage of the machine lamp cannot be added to one of the machine door'),
    );
  });

  it('of another version of the machine counts unknown names as foreign', () => {
    const next = createMachine({
      id: 'lamp',
      initial: 'off',
      states: { off: { on: { PRESS: 'on' } }, on: { on: { PRESS: 'off' } } },
    });
    const { coverage } = parseChartCoverage(coverageText(used()), next);
    // A visit of broken, and on:BREAK.
    expect(coverage?.toJSON().seats.actor).toEqual({
      sessions: 1,
      steps: 2,
      foreign: 2,
      states: { off: 1, on: 1 },
      transitions: { 'off:PRESS': 1 },
      pairs: {},
      guards: {},
    });
  });
});
