/** Covers of a finite machine: sequences of inputs from its first state that reach all there is. */
import type { MealyMachine } from './mealy-machine.js';
import { isTerminal } from './minimal.js';

/** The state cover, Q: for each state a shortest sequence that leads to it; the empty one leads to the first state. */
export function stateCover(machine: MealyMachine): ReadonlyMap<string, readonly string[]> {
  const cover = new Map<string, readonly string[]>([[machine.initial, []]]);
  // A Map is read in the order in which it grows: breadth first.
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
 * The transition cover, P: the state cover, and each of its sequences with each input after it. Nothing follows where the session is
 * over.
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
