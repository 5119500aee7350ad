/** The minimal form of a Mealy machine: the smallest machine that no test tells apart from it. */
import type { MealyMachine } from './mealy-machine.js';
import { refinementOf } from './refinement.js';

export interface MinimalForm {
  /** Each state has the name of the first state of its class. */
  readonly machine: MealyMachine;
  /** The states of the given machine in classes that no sequence of inputs tells apart, in the order of their first members. */
  readonly classes: readonly (readonly string[])[];
  /** The state of the minimal machine for a state of the given machine. */
  stateOf(state: string): string;
}

/**
 * Minimizes a machine by partition refinement (Moore). The end of a session is observable: a terminal state is never in one class with
 * another state. All terminal states are one class.
 */
export function minimalForm(machine: MealyMachine): MinimalForm {
  const classOf = partition(machine);
  const classes: string[][] = [];
  for (const state of machine.states) {
    const number = classOf.get(state) as number;
    classes[number] ??= [];
    classes[number]?.push(state);
  }
  const stateOf = (state: string) => classes[classOf.get(state) ?? -1]?.[0] ?? state;
  return {
    classes,
    stateOf,
    machine: {
      initial: stateOf(machine.initial),
      states: classes.map(([first = '']) => first),
      inputs: machine.inputs,
      isTerminal: (state) => isTerminal(machine, state),
      ...(machine.isPossible && {
        isPossible: (state: string, input: string) => machine.isPossible?.(state, input) ?? true,
      }),
      step(state, input) {
        if (isTerminal(machine, state)) return { to: state, output: '' };
        const { to, output } = machine.step(state, input);
        return { to: stateOf(to), output };
      },
    },
  };
}

/** Whether the session has ended in a state. */
export function isTerminal(machine: MealyMachine, state: string): boolean {
  return machine.isTerminal?.(state) ?? false;
}

/** The number of each state's class, in the order of their first members. */
function partition(machine: MealyMachine): Map<string, number> {
  const { rounds } = refinementOf(machine);
  const last = rounds.at(-1) as Int32Array;
  const numbers = new Map<number, number>();
  return new Map(
    machine.states.map((state, at) => {
      const own = last[at] as number;
      const number = numbers.get(own) ?? numbers.size;
      numbers.set(own, number);
      return [state, number];
    }),
  );
}
