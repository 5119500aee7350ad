/** Covers of a Mealy machine: sequences of inputs from the initial state that reach all states or transitions. */
import type { MealyMachine } from './mealy-machine.js';
import { isTerminal } from './minimal.js';

/** The state cover, Q: for each state a shortest sequence that leads to it; the empty sequence for the initial state. */
export function stateCover(machine: MealyMachine): ReadonlyMap<string, readonly string[]> {
  const cover = new Map<string, readonly string[]>([[machine.initial, []]]);
  // New states are appended to the map that is being iterated: the search is breadth first.
  for (const [state, sequence] of cover) {
    if (isTerminal(machine, state)) continue;
    for (const input of machine.inputs) {
      const { to } = machine.step(state, input);
      if (!cover.has(to)) cover.set(to, [...sequence, input]);
    }
  }
  return cover;
}

/**
 * The transition cover, P: the state cover, and each of its sequences followed by each input. Nothing follows a terminal state.
 */
export function transitionCover(machine: MealyMachine): readonly (readonly string[])[] {
  const cover = new Map<string, readonly string[]>();
  for (const [state, sequence] of stateCover(machine)) {
    cover.set(JSON.stringify(sequence), sequence);
    if (isTerminal(machine, state)) continue;
    for (const input of machine.inputs) {
      const longer = [...sequence, input];
      cover.set(JSON.stringify(longer), longer);
    }
  }
  return [...cover.values()];
}
