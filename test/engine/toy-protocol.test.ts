/** The engine runs a protocol that is not the registration. `test/house/imports.test.ts` checks that it imports nothing of it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createActor, SimulatedClock } from 'xstate';
import { lassoOf } from '../../machines/engine/checking/lasso.js';
import type { CheckedModel } from '../../machines/engine/checking/model.js';
import { Search } from '../../machines/engine/checking/search.js';
import {
  ChartCoverage,
  coverageText,
  pairsOf,
  parseCoverageInto,
  partsOf,
} from '../../machines/engine/coverage/index.js';
import {
  characterizationSet,
  DistinguishingSequences,
  mealyMachineOf,
  minimalForm,
  stateCover,
  tellsApart,
  transitionCover,
} from '../../machines/engine/mealy/index.js';
import {
  evaluateSuite,
  mutantKindNames,
  populationOf,
  survivorsOf,
  wClassOf,
} from '../../machines/engine/mutation/index.js';
import { type ChartTable, edgesOf, stepOf } from '../../machines/engine/table/index.js';
import {
  type Criterion,
  SuiteReader,
  suiteFiles,
  suiteFormats,
  suiteOf,
  suiteText,
} from '../../machines/engine/testgen/index.js';
import { DoorRunner, doorInputs, doorProtocol, doorTable } from './door.js';

const { chart: coveredDoor, machine: doorMachine, names, words: doorWords } = doorProtocol;
const model = doorProtocol.model();
const states = Object.keys(doorTable.states);
const criteria: Criterion[] = ['states', 'transitions', 'pairs', 'w0', 'w1', 'random:20'];

describe('the table of the door', () => {
  it('has its states, timers and the transitions of each step', () => {
    expect(states).toEqual(['locked', 'unlocked', 'suspicious', 'alarmed']);
    expect(doorTable.timers).toEqual(['calmDown', 'autoLock']);
    expect(stepOf(doorTable, 'suspicious', 'calmDown').transitions).toEqual([
      'suspicious:calmDown',
    ]);
    const taken = Object.values(doorTable.steps).flatMap((steps) =>
      Object.values(steps).flatMap(({ transitions }) => transitions),
    );
    expect(new Set(taken)).toEqual(new Set(edgesOf(doorMachine).map(({ id }) => id)));
  });

  it('runs like an XState actor', () => {
    const move = fc.oneof(fc.constantFrom('Code', 'Wrong', 'Push'), fc.nat(40_000));
    fc.assert(
      fc.property(fc.array(move, { maxLength: 20 }), (moves) => {
        const clocks = [new SimulatedClock(), new SimulatedClock()] as const;
        const done: string[] = [];
        const names = ['unlock', 'lock', 'beep', 'alarm', 'rattle'] as const;
        const actions = Object.fromEntries(names.map((name) => [name, () => done.push(name)]));
        const actor = createActor(doorMachine.provide({ actions }), { clock: clocks[0] }).start();
        const runner = new DoorRunner(clocks[1]);
        runner.start();
        for (const one of moves) {
          if (actor.getSnapshot().status !== 'active') break;
          if (typeof one === 'number') for (const clock of clocks) clock.increment(one);
          else for (const door of [actor, runner]) door.send({ type: one } as { type: 'Code' });
          expect([runner.getSnapshot(), runner.done]).toEqual([actor.getSnapshot().value, done]);
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe('the Mealy machine of the door', () => {
  const machine = mealyMachineOf(doorTable);

  it('is minimal, and its sequences tell any two states apart', () => {
    expect(machine.inputs).toEqual(doorInputs);
    expect(minimalForm(machine).classes).toHaveLength(4);
    const sequences = new DistinguishingSequences(machine);
    const set = characterizationSet(machine);
    for (const [at, one] of states.entries()) {
      for (const other of states.slice(at + 1)) {
        const sequence = sequences.between(one, other) ?? [];
        expect(tellsApart(machine, one, other, sequence), `${one}, ${other}`).toBe(true);
        if (one === 'alarmed' || other === 'alarmed') continue;
        expect(set.some((each) => tellsApart(machine, one, other, each))).toBe(true);
      }
    }
    expect([...stateCover(machine).keys()].sort()).toEqual([...states].sort());
    expect(transitionCover(machine)).toHaveLength(1 + 3 * 4);
  });
});

describe('the suites of the door', () => {
  it.each(criteria)('%s: can be written and read again', async (criterion) => {
    const suite = suiteOf(model, criterion);
    const { header, cases } = await new SuiteReader(names).read(suiteText(suite));
    expect(header).toMatchObject({ criterion, key: 'code', cases: suite.cases });
    const read = [];
    for await (const one of cases) read.push(one);
    expect(read).toEqual([...suite]);
  });

  it.each(Object.keys(suiteFormats) as (keyof typeof suiteFormats)[])('as %s', (format) => {
    const [file] = suiteFiles(suiteOf(model, 'w0'), format, doorWords);
    const text = [...(file?.chunks ?? [])].join('');
    expect(text).toContain(format === 'json' ? '"key":"code"' : '--key code');
    expect(text).not.toMatch(/Regist|Event|Interaction/);
  });
});

describe('the mutants of the door', () => {
  const population = populationOf(model);

  it('are of all observable kinds, and w0 and w1 find all that they guarantee', () => {
    const kinds = new Set(population.groups.flatMap(({ mutants }) => mutants.map((m) => m.kind)));
    // No input lets a part of a delay pass, so a restart is not observable.
    expect([...mutantKindNames].filter((kind) => !kinds.has(kind))).toEqual([
      'timer-restarted',
      'timer-not-stopped',
    ]);
    for (const extra of [0, 1]) {
      const { by } = evaluateSuite(
        suiteOf(model, extra === 0 ? 'w0' : 'w1'),
        population.own,
        population.groups,
      );
      const guaranteed = wClassOf(population, extra);
      expect(guaranteed.length).toBeGreaterThan(10);
      expect(guaranteed.filter((group) => !by.has(group))).toEqual([]);
    }
  });

  it('survive a weaker suite', () => {
    const kills = evaluateSuite(suiteOf(model, 'states'), population.own, population.groups);
    expect(survivorsOf(population, kills).length).toBeGreaterThan(0);
  });
});

describe('the coverage of the door', () => {
  it('is complete after the suite of all pairs, and can be written and read again', () => {
    const coverage = new ChartCoverage(coveredDoor);
    for (const { id, steps } of suiteOf(model, 'pairs')) {
      const taken = steps.filter(({ edges }) => edges.length > 0);
      for (const [at, { from, to, edges }] of taken.entries()) {
        coverage.add({ seat: 'door', session: id, seq: at + 1, from, to, transition: edges });
      }
    }
    const parts = partsOf(coveredDoor, coverage.total);
    expect(parts.states.missing).toEqual([]);
    expect(parts.transitions.missing).toEqual([]);
    expect(parts.pairs.missing).toEqual([]);
    expect(parts.unexpected.of).toBe(2);
    expect(parts.pairs.of).toBe(pairsOf(coveredDoor).size);
    const read = parseCoverageInto(coverageText(coverage), new ChartCoverage(coveredDoor));
    expect(read.problem).toBe(null);
    expect(read.coverage?.toJSON()).toEqual(coverage.toJSON());
  });
});

interface Step {
  readonly input: string;
  readonly isDue: boolean;
}

/** The door and a visitor who does anything. A door that is unlocked must not stay so for ever. */
function checked(table: ChartTable): CheckedModel<number, Step, 'quiet'> {
  const all = Object.values(table.states);
  const bits = (timers: readonly string[]) =>
    timers.reduce((sum, timer) => sum | (1 << table.timers.indexOf(timer)), 0);
  const stateOf = (number: number) => all[number] as (typeof all)[number];
  return {
    initial: all.findIndex(({ name }) => name === table.initial),
    encoding: { encode: (state) => state, decode: (code) => code },
    timerCount: table.timers.length,
    runningTimers: (state) => bits(stateOf(state).timers),
    each(state, visit) {
      for (const [input, step] of Object.entries(table.steps[stateOf(state).name] ?? {})) {
        const next = all.findIndex(({ name }) => name === step.to);
        const isTimer = table.timers.includes(input);
        const restarts = bits(isTimer ? [...step.starts, input] : step.starts);
        visit(
          { input, isDue: isTimer },
          next,
          step.actions.includes('alarm') ? ['quiet'] : [],
          restarts,
        );
      }
    },
    violatedIn: () => [],
    isPending: (state) => stateOf(state).name === 'unlocked',
    isAtRest: (state) => stateOf(state).timers.length === 0,
    isTerminal: (state) => stateOf(state).isFinal,
  };
}

function searched(table: ChartTable) {
  const search = new Search<number, Step, 'quiet'>(checked(table));
  search.run({ limit: 100 });
  return search;
}

describe('the search through the door', () => {
  it('finds a shortest path to a violation, and no lasso: autoLock ends the session', () => {
    const search = searched(doorTable);
    expect(search.states).toBe(4);
    const { state, step } = search.violations.get('quiet') ?? { state: -1, step: null };
    const path = search.pathTo(state).map((one) => one.step.input);
    expect([...path, step?.input]).toEqual(['Wrong', 'Wrong']);
    expect(search.violations.has('deadlock')).toBe(false);
    expect(lassoOf(search)).toBe(null);
  });

  it('finds the lasso of a door whose timer restarts with every push', () => {
    const unlocked = doorTable.steps.unlocked ?? {};
    const push = { ...stepOf(doorTable, 'unlocked', 'Push'), starts: ['autoLock'] };
    const table = {
      ...doorTable,
      steps: { ...doorTable.steps, unlocked: { ...unlocked, Push: push } },
    };
    const lasso = lassoOf(searched(table));
    expect(lasso?.cycle.map(({ step }) => step.input)).toEqual(['Push']);
  });
});
