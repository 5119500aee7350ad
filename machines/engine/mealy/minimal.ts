/** The minimal form of a finite machine: the smallest one that no test can tell from it. */
import type { MealyMachine } from './mealy-machine.js';

export interface MinimalForm {
  /** Its states are called like the first of those that they stand for. */
  readonly machine: MealyMachine;
  /** The states of the given machine, those together that no sequence of inputs tells apart. In the order of their first members. */
  readonly classes: readonly (readonly string[])[];
  /** What the state of the given machine is called in the minimal one. */
  stateOf(state: string): string;
}

/**
 * Makes the minimal form by partition refinement (Moore). That a session is over is seen: a state in which it is over is never one
 * with a state in which it is not. All states in which it is over are one.
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

/** Whether the session is over in a state. */
export function isTerminal(machine: MealyMachine, state: string): boolean {
  return machine.isTerminal?.(state) ?? false;
}

/** The number of each state's class: equal for states that nothing tells apart. */
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

/** Numbers the states by what is said of them: 0, 1, 2 ... in the order in which they appear. */
function numbered(states: readonly string[], said: (state: string) => unknown) {
  const numbers = new Map<string, number>();
  return new Map(
    states.map((state) => {
      const text = JSON.stringify(said(state));
      const number = numbers.get(text) ?? numbers.size;
      numbers.set(text, number);
      return [state, number];
    }),
  );
}

function sizeOf(classes: ReadonlyMap<string, number>): number {
  return new Set(classes.values()).size;
}
