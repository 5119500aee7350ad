/** What mutants do, as far as it is seen: those that nothing tells apart are one behaviour. */

import type { ServerInput, ServerModel } from '../../registration/sut/index.js';
import {
  type ChartTable,
  type MealyMachine,
  type MealyStep,
  minimalForm,
  registrationTable,
} from '../mealy/index.js';
import type { Mutant, MutantName } from './mutant.js';
import { observableMachine } from './observable-machine.js';

/** A machine in its minimal form, its states numbered as they are found: equal texts do the same. */
export interface Behaviour {
  readonly identity: string;
  readonly machine: MealyMachine;
}

/** Mutants of which no sequence of inputs tells one from another. */
export interface MutantGroup extends Behaviour {
  readonly mutants: readonly MutantName[];
  /** The chart of the first of them; the others' are not kept. */
  readonly table: ChartTable;
  /** A shortest sequence of inputs that tells them from the model; null where there is none: they are equivalent to it. */
  readonly difference: readonly ServerInput[] | null;
}

/** What the tester sees of the model itself. */
export function behaviourOf(model: ServerModel): Behaviour {
  return numbered(minimalForm(observableMachine(model, registrationTable())).machine);
}

/** Groups mutants by what the tester of a model sees of them, in the order in which they come. */
export function groupsOf(model: ServerModel, mutants: Iterable<Mutant>): readonly MutantGroup[] {
  const own = behaviourOf(model);
  /** By the identity before it is minimal: many are alike already. */
  const known = new Map<string, Behaviour>();
  const groups = new Map<string, MutantGroup & { readonly mutants: MutantName[] }>();
  for (const mutant of mutants) {
    const seen = numbered(observableMachine(model, mutant.table));
    const behaviour = known.get(seen.identity) ?? numbered(minimalForm(seen.machine).machine);
    known.set(seen.identity, behaviour);
    const group = groups.get(behaviour.identity);
    const { kind, description, table } = mutant;
    if (group) group.mutants.push({ kind, description });
    else {
      const difference = shortestDifference(own.machine, behaviour.machine);
      groups.set(behaviour.identity, {
        ...behaviour,
        mutants: [{ kind, description }],
        table,
        difference,
      });
    }
  }
  return [...groups.values()];
}

/** The same machine with its states called 0, 1, 2 ... in the order in which its inputs find them. */
function numbered(machine: MealyMachine): Behaviour {
  const numbers = new Map([[machine.initial, '0']]);
  const steps: Map<string, MealyStep>[] = [];
  const over = new Set<string>();
  const text: string[] = [];
  for (const [state, number] of numbers) {
    const here = new Map<string, MealyStep>();
    if (machine.isTerminal?.(state)) over.add(number);
    else {
      for (const input of machine.inputs) {
        const { to, output } = machine.step(state, input);
        if (!numbers.has(to)) numbers.set(to, String(numbers.size));
        here.set(input, { to: numbers.get(to) as string, output });
      }
    }
    steps.push(here);
    text.push([...here.values()].map(({ to, output }) => `${to} ${output}`).join('; '));
  }
  return {
    identity: text.join('\n'),
    machine: {
      initial: '0',
      states: [...numbers.values()],
      inputs: machine.inputs,
      step: (state, input) => steps[Number(state)]?.get(input) ?? { to: state, output: '' },
      isTerminal: (state) => over.has(state),
    },
  };
}

interface Path {
  readonly a: string;
  readonly b: string;
  readonly inputs: readonly ServerInput[];
}

/** Breadth first through both at once: all pairs of states that inputs lead to, or up to the first difference. */
export function shortestDifference(
  one: MealyMachine,
  other: MealyMachine,
): readonly ServerInput[] | null {
  const paths = new Map<string, Path>();
  paths.set('', { a: one.initial, b: other.initial, inputs: [] });
  for (const { a, b, inputs } of paths.values()) {
    for (const input of one.inputs as readonly ServerInput[]) {
      const [mine, theirs] = [one.step(a, input), other.step(b, input)];
      const longer: readonly ServerInput[] = [...inputs, input];
      if (mine.output !== theirs.output) return longer;
      const pair = `${mine.to} ${theirs.to}`;
      if (!paths.has(pair)) paths.set(pair, { a: mine.to, b: theirs.to, inputs: longer });
    }
  }
  return null;
}
