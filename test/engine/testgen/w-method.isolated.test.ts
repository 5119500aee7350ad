import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wSequences } from '../../../machines/engine/testgen/w-method.js';
import {
  type MealyMachine,
  minimalForm,
  ServerModel,
  sequencesOf,
} from '../../../machines/index.js';
import {
  answer,
  type Drawn,
  difference,
  drawnMachines,
  machineOf,
} from '../table/random-machine.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** The used heap in bytes. */
function heapInUse(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

const criterionOf = (extra: number) => (['w0', 'w1', 'w2'] as const)[extra] ?? 'w0';

const wSuite = (machine: MealyMachine, extra: number) => [
  ...sequencesOf(machine, criterionOf(extra), 1),
];

/** Whether a machine has the outputs of the model for every sequence. */
const passes = (model: MealyMachine, other: MealyMachine, suite: readonly string[][]) =>
  suite.every((sequence) => answer(model, sequence) === answer(other, sequence));

/** Every machine with a number of states and an alphabet; for small numbers only. */
function* allMachines(states: number, inputs: number, outputs: number): Generator<Drawn> {
  const cells = states * inputs;
  const choices = states * outputs;
  for (let over = 0; over < 2 ** states; over += 2) {
    for (let number = 0; number < choices ** cells; number += 1) {
      const digits = Array.from(
        { length: cells },
        (_, at) => Math.floor(number / choices ** at) % choices,
      );
      const cell = (at: number) => ({
        to: (digits[at] ?? 0) % states,
        output: Math.floor((digits[at] ?? 0) / states),
      });
      yield {
        inputs,
        steps: Array.from({ length: states }, (_, state) =>
          Array.from({ length: inputs }, (_, input) => cell(state * inputs + input)),
        ),
        over: Array.from({ length: states }, (_, state) => (over & (2 ** state)) !== 0),
      };
    }
  }
}

/** A machine with up to three different steps and some additional states, which begin as copies. */
function mutantsOf(drawn: Drawn, extra: number): fc.Arbitrary<Drawn> {
  const states = drawn.steps.length + extra;
  const edit = fc.record({
    state: fc.nat(states - 1),
    input: fc.nat(drawn.inputs - 1),
    to: fc.nat(states - 1),
    output: fc.option(fc.nat(1), { nil: null }),
  });
  return fc
    .record({
      copied: fc.array(fc.nat(drawn.steps.length - 1), { minLength: extra, maxLength: extra }),
      edits: fc.array(edit, { minLength: 1, maxLength: 3 + extra }),
    })
    .map(({ copied, edits }) => {
      const steps = [...drawn.steps, ...copied.map((at) => drawn.steps[at] ?? [])].map((row) => [
        ...row,
      ]);
      for (const { state, input, to, output } of edits) {
        const row = steps[state];
        const before = row?.[input];
        if (row && before) row[input] = { to, output: output ?? before.output };
      }
      const over = [...drawn.over, ...copied.map((at) => at > 0 && (drawn.over[at] ?? false))];
      return { inputs: drawn.inputs, steps, over };
    });
}

describe('the W-method', () => {
  it('finds every machine that differs among all of up to two states over two inputs and two outputs', () => {
    const every = [1, 2].flatMap((states) => [...allMachines(states, 2, 2)].map(machineOf));
    const models = every.filter((_, at) => at % 9 === 0);
    for (const model of models) {
      const { machine } = minimalForm(model);
      const suite = wSuite(machine, 2 - machine.states.length);
      for (const other of every) {
        if (passes(machine, other, suite)) expect(difference(machine, other)).toBe(null);
      }
    }
    expect(every.length).toBeGreaterThan(500);
  });

  it.each([0, 1, 2])('with %i extra states finds every mutant of random machines', (extra) => {
    let [killed, equal] = [0, 0];
    const arbitrary = drawnMachines(4, 2, 2).chain((drawn) => {
      const { machine } = minimalForm(machineOf(drawn));
      // A machine that was larger than its minimal form leaves fewer states to add.
      const room = machine.states.length + extra - drawn.steps.length;
      return fc.record({
        machine: fc.constant(machine),
        mutants: fc.array(
          room < 0 ? drawnMachines(machine.states.length + extra, 2, 2) : mutantsOf(drawn, room),
          { minLength: 20, maxLength: 20 },
        ),
      });
    });
    fc.assert(
      fc.property(arbitrary, ({ machine, mutants }) => {
        const suite = wSuite(machine, extra);
        for (const mutant of mutants.map(machineOf)) {
          if (!passes(machine, mutant, suite)) killed += 1;
          else {
            equal += 1;
            expect(difference(machine, mutant)).toBe(null);
          }
        }
      }),
      { numRuns: 150 },
    );
    expect(killed).toBeGreaterThan(1_000);
    expect(equal).toBeGreaterThan(0);
  });

  it('with too few extra states misses a mutant that has one more: the bound is tight', () => {
    // One state with the output 0; the mutant outputs 1 for the third consecutive a.
    const model = machineOf({ inputs: 1, steps: [[{ to: 0, output: 0 }]], over: [false] });
    const steps = [[{ to: 1, output: 0 }], [{ to: 2, output: 0 }], [{ to: 2, output: 1 }]];
    const mutant = machineOf({ inputs: 1, steps, over: [false, false, false] });
    expect([0, 1, 2].map((extra) => passes(model, mutant, wSuite(model, extra)))).toEqual([
      true,
      true,
      false,
    ]);
  });

  it('has no duplicate case, no prefix of another case, and no input after the end of the session', () => {
    fc.assert(
      fc.property(drawnMachines(5, 2, 2), fc.nat(2), (drawn, extra) => {
        const { machine } = minimalForm(machineOf(drawn));
        const cases = wSuite(machine, extra);
        const texts = cases.map((one) => one.join('')).sort();
        for (const [at, text] of texts.entries()) {
          expect(at > 0 && text.startsWith(texts[at - 1] ?? '')).toBe(false);
        }
        for (const sequence of cases) {
          let state = machine.initial;
          for (const input of sequence) {
            expect(machine.isTerminal?.(state)).toBe(false);
            state = machine.step(state, input).to;
          }
        }
      }),
      { numRuns: 100 },
    );
  });

  it('generates 300,000 sequences one at a time, and the heap does not grow with them', () => {
    const { machine } = minimalForm(new ServerModel().machine());
    let [count, early, longest] = [0, 0, 0];
    for (const { length } of wSequences(machine, 5)) {
      count += 1;
      longest = Math.max(longest, length);
      if (count === 1_000) early = heapInUse();
    }
    expect(longest).toBe(8);
    expect(count).toBeGreaterThan(300_000);
    // All sequences at once take more than 30 MB.
    expect(heapInUse() - early).toBeLessThan(3_000_000);
  });
});
