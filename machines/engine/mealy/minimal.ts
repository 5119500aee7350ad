/** The minimal form of a Mealy machine: the smallest machine that no test tells apart from it. */
import type { MealyMachine } from './mealy-machine.js';

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

/** The number of each state's class: equal for equivalent states. */
function partition(machine: MealyMachine): Map<string, number> {
  const { states, inputs } = machine;
  let classes = numbered(states, (state) =>
    isTerminal(machine, state) ? '' : inputs.map((input) => machine.step(state, input).output),
  );
  for (;;) {
    const before = classes;
    const classAfter = (state: string) => (input: string) =>
      before.get(machine.step(state, input).to);
    classes = numbered(states, (state) => [
      before.get(state),
      isTerminal(machine, state) ? '' : inputs.map(classAfter(state)),
    ]);
    if (sizeOf(classes) === sizeOf(before)) return classes;
  }
}

/** Numbers the states by a key: equal keys have equal numbers, 0, 1, 2 ... in order of appearance. */
function numbered(states: readonly string[], keyOf: (state: string) => unknown) {
  const numbers = new Map<string, number>();
  return new Map(
    states.map((state) => {
      const text = JSON.stringify(keyOf(state));
      const number = numbers.get(text) ?? numbers.size;
      numbers.set(text, number);
      return [state, number];
    }),
  );
}

function sizeOf(classes: ReadonlyMap<string, number>): number {
  return new Set(classes.values()).size;
}
