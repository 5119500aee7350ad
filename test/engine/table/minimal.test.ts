import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  characterizationSet,
  DistinguishingSequences,
  type MealyMachine,
  mealyMachineOf,
  minimalForm,
  registrationTable,
  ServerModel,
  stateCover,
  tellsApart,
  transitionCover,
} from '../../../machines/index.js';
import { answer, difference, drawnMachines, machineOf, sequences } from './random-machine.js';

/** The same machine with another initial state. */
const from = (machine: MealyMachine, initial: string): MealyMachine => ({ ...machine, initial });

const machines = drawnMachines(6, 2, 2).map(machineOf);

describe('the minimal form', () => {
  it('merges two states exactly when brute force finds no sequence that tells them apart', () => {
    fc.assert(
      fc.property(machines, (machine) => {
        const { stateOf } = minimalForm(machine);
        for (const one of machine.states) {
          for (const other of machine.states) {
            const differ = difference(from(machine, one), from(machine, other));
            expect(stateOf(one) === stateOf(other)).toBe(differ === null);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('is equivalent to the machine, and cannot be smaller', () => {
    fc.assert(
      fc.property(machines, (machine) => {
        const { machine: minimal, classes } = minimalForm(machine);
        expect(difference(machine, minimal)).toBe(null);
        expect(minimal.states).toHaveLength(classes.length);
        expect(minimalForm(minimal).classes).toHaveLength(classes.length);
        expect(classes.flat().sort()).toEqual([...machine.states].sort());
      }),
      { numRuns: 300 },
    );
  });

  it('of the server model has four states, one of them terminal', () => {
    expect(minimalForm(new ServerModel().machine()).classes).toEqual([
      ['awaiting/registration'],
      ['registered'],
      ['awaiting/rejection'],
      ['disconnected'],
    ]);
  });

  it('of the registration chart has all nine configurations', () => {
    expect(minimalForm(mealyMachineOf(registrationTable())).classes).toHaveLength(9);
  });
});

describe('distinguishing sequences', () => {
  it('exist for all states that are not equivalent, and no shorter one exists', () => {
    fc.assert(
      fc.property(drawnMachines(5, 2, 2).map(machineOf), (machine) => {
        const distinctions = new DistinguishingSequences(machine);
        for (const one of machine.states) {
          for (const other of machine.states) {
            const sequence = distinctions.between(one, other);
            const differ = difference(from(machine, one), from(machine, other));
            expect(sequence?.length).toBe(differ?.length);
            for (const found of [sequence, ...distinctions.allBetween(one, other)]) {
              if (!found || !differ) continue;
              expect(answer(machine, found, one)).not.toBe(answer(machine, found, other));
              expect(tellsApart(machine, one, other, found)).toBe(true);
              expect(found).toHaveLength(differ.length);
            }
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  it('of a chain of 2,500 states are found without comparing all pairs', () => {
    const last = 2_499;
    const chain: MealyMachine = {
      initial: '0',
      states: Array.from({ length: last + 1 }, (_, at) => String(at)),
      inputs: ['next', 'back'],
      step: (state, input) =>
        input === 'back'
          ? { to: '0', output: '' }
          : {
              to: String(Math.min(last, Number(state) + 1)),
              output: state === String(last) ? 'end' : '',
            },
    };
    const found = new DistinguishingSequences(chain);
    expect(found.between('0', '1')).toHaveLength(last);
    expect(found.between('7', '2000')).toHaveLength(last - 2_000 + 1);
    expect(minimalForm(chain).classes).toHaveLength(last + 1);
  });

  it('tell two states apart only when their outputs differ', () => {
    fc.assert(
      fc.property(drawnMachines(4, 2, 2).map(machineOf), (machine) => {
        for (const sequence of sequences(machine.inputs, 3)) {
          for (const one of machine.states) {
            for (const other of machine.states) {
              const differ = answer(machine, sequence, one) !== answer(machine, sequence, other);
              expect(tellsApart(machine, one, other, sequence)).toBe(differ);
            }
          }
        }
      }),
      { numRuns: 50 },
    );
  });

  it('a characterization set tells any two states apart, and no sequence is a prefix of another', () => {
    fc.assert(
      fc.property(machines, (drawn) => {
        const { machine } = minimalForm(drawn);
        const set = characterizationSet(machine);
        const active = machine.states.filter((state) => !machine.isTerminal?.(state));
        const answers = active.map((state) => set.map((one) => answer(machine, one, state)).join());
        expect(new Set(answers).size).toBe(active.length);
        const texts = set.map((one) => one.join(''));
        const begun = texts.filter((one) =>
          texts.some((two) => one !== two && two.startsWith(one)),
        );
        expect(begun).toEqual([]);
        // At most one sequence fewer than states is needed.
        expect(set.length).toBeLessThanOrEqual(Math.max(0, active.length - 1));
      }),
      { numRuns: 300 },
    );
  });

  it('quiescence alone tells the states of the server apart', () => {
    const { machine } = minimalForm(new ServerModel().machine());
    expect(characterizationSet(machine)).toEqual([['silence']]);
  });
});

describe('covers', () => {
  it('reach every state by a shortest path, and take every transition', () => {
    fc.assert(
      fc.property(machines, (machine) => {
        const cover = stateCover(machine);
        expect([...cover.keys()].sort()).toEqual([...machine.states].sort());
        const taken = new Set<string>();
        const reached = new Map<string, number>();
        for (const sequence of [...cover.values(), ...transitionCover(machine)]) {
          let state = machine.initial;
          for (const input of sequence) {
            expect(machine.isTerminal?.(state)).toBe(false);
            taken.add(`${state} ${input}`);
            state = machine.step(state, input).to;
          }
          reached.set(state, Math.min(reached.get(state) ?? 99, sequence.length));
        }
        const active = machine.states.filter((state) => !machine.isTerminal?.(state));
        expect(taken.size).toBe(active.length * machine.inputs.length);
        for (const [state, { length }] of cover) expect(reached.get(state)).toBe(length);
      }),
      { numRuns: 200 },
    );
  });
});
