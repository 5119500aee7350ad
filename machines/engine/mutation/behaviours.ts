/** The observable behaviour of mutants: mutants that no test tells apart are one group. */
import type { MealyMachine, MealyStep } from '../mealy/mealy-machine.js';
import { minimalForm } from '../mealy/minimal.js';
import type { ChartTable } from '../table/table.js';
import type { SimulatedSystem, SimulationModel } from '../testgen/simulation.js';
import type { Mutant, MutantName } from './mutant.js';
import { observableMachine } from './observable-machine.js';

/** A machine in its minimal form, its states numbered in the order of discovery. Equal identities mean equal behaviour. */
export interface Behaviour {
  readonly identity: string;
  readonly machine: MealyMachine;
}

/** Mutants that no sequence of inputs tells apart. */
export interface MutantGroup<Input extends string = string> extends Behaviour {
  readonly mutants: readonly MutantName[];
  /** The chart of the first mutant; the others' charts are not kept. */
  readonly table: ChartTable;
  /** A shortest sequence of inputs that tells them from the model; null when they are equivalent to it. */
  readonly difference: readonly Input[] | null;
}

/** The observable behaviour of the model itself. */
export function behaviourOf<Input extends string, System extends SimulatedSystem<System>>(
  model: SimulationModel<Input, System>,
): Behaviour {
  return numbered(minimalForm(observableMachine(model, model.table)).machine);
}

/** Groups mutants by their behaviour, in the order of their first members. */
export function groupsOf<Input extends string, System extends SimulatedSystem<System>>(
  model: SimulationModel<Input, System>,
  mutants: Iterable<Mutant>,
): readonly MutantGroup<Input>[] {
  const own = behaviourOf(model);
  /** By the identity before minimization: many mutants are equal already. */
  const known = new Map<string, Behaviour>();
  const groups = new Map<string, MutantGroup<Input> & { readonly mutants: MutantName[] }>();
  for (const { kind, description, table } of mutants) {
    const observed = numbered(observableMachine(model, table));
    const behaviour =
      known.get(observed.identity) ?? numbered(minimalForm(observed.machine).machine);
    known.set(observed.identity, behaviour);
    const group = groups.get(behaviour.identity);
    if (group) group.mutants.push({ kind, description });
    else {
      const difference = shortestDifference<Input>(own.machine, behaviour.machine);
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

/** The same machine with its states named 0, 1, 2 ... in the order in which its inputs reach them. */
function numbered(machine: MealyMachine): Behaviour {
  const numbers = new Map([[machine.initial, '0']]);
  const steps: Map<string, MealyStep>[] = [];
  const terminal = new Set<string>();
  const text: string[] = [];
  for (const [state, number] of numbers) {
    const here = new Map<string, MealyStep>();
    if (machine.isTerminal?.(state)) terminal.add(number);
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
      isTerminal: (state) => terminal.has(state),
    },
  };
}

interface Path<Input> {
  readonly a: string;
  readonly b: string;
  readonly inputs: readonly Input[];
}

/**
 * A shortest sequence of inputs that tells two machines over the same alphabet apart; null when they are equivalent. A breadth-first
 * search through the pairs of their states.
 */
export function shortestDifference<Input extends string>(
  one: MealyMachine,
  other: MealyMachine,
): readonly Input[] | null {
  const paths = new Map<string, Path<Input>>();
  paths.set('', { a: one.initial, b: other.initial, inputs: [] });
  for (const { a, b, inputs } of paths.values()) {
    for (const input of one.inputs as readonly Input[]) {
      const [left, right] = [one.step(a, input), other.step(b, input)];
      const longer: readonly Input[] = [...inputs, input];
      if (left.output !== right.output) return longer;
      const pair = `${left.to} ${right.to}`;
      if (!paths.has(pair)) paths.set(pair, { a: left.to, b: right.to, inputs: longer });
    }
  }
  return null;
}
