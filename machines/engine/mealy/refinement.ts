/** Partition refinement of a Mealy machine (Moore), round by round. */
import type { MealyMachine } from './mealy-machine.js';

/** The states that sequences of a length tell apart. */
export interface Refinement {
  /** The number of each state. */
  readonly index: ReadonlyMap<string, number>;
  /**
   * For each length from 0: the class of each state, by its number. Two states have the same class when no sequence of at most this length
   * tells them apart. The last round has the equivalent states.
   */
  readonly rounds: readonly Int32Array[];
}

/** Refines the states of a machine until nothing changes. A terminal state is apart from all others; all of them are one class. */
export function refinementOf(machine: MealyMachine): Refinement {
  const { states, inputs } = machine;
  const index = new Map(states.map((state, at) => [state, at]));
  const isTerminal = states.map((state) => machine.isTerminal?.(state) ?? false);
  const outputs = new Map<string, number>();
  const output = inputs.map(() => new Int32Array(states.length));
  const target = inputs.map(() => new Int32Array(states.length));
  for (const [at, state] of states.entries()) {
    if (isTerminal[at]) continue;
    for (const [number, input] of inputs.entries()) {
      const step = machine.step(state, input);
      const known = outputs.get(step.output) ?? outputs.size;
      outputs.set(step.output, known);
      (output[number] as Int32Array)[at] = known;
      (target[number] as Int32Array)[at] = index.get(step.to) ?? at;
    }
  }
  const first = Int32Array.from(isTerminal, Number);
  const rounds = [first];
  let active = states.map((_, at) => at).filter((at) => !isTerminal[at]);
  for (let classes = 2; ; ) {
    const before = rounds.at(-1) as Int32Array;
    const reached = target.map((to) => to.map((at) => before[at] as number));
    const features = rounds.length === 1 ? [...output, ...reached] : reached;
    const after = before.slice();
    const next = split(after, active, features, classes);
    if (next === classes) return { index, rounds };
    classes = next;
    rounds.push(after);
    active = withCompany(after, active, classes);
  }
}

/**
 * Splits classes by features: the first part of a class keeps its number, the others get new ones.
 * @param classes the number of classes @returns the number of classes afterwards
 */
function split(
  classOf: Int32Array,
  active: readonly number[],
  features: readonly Int32Array[],
  classes: number,
): number {
  let count = classes;
  for (const feature of features) {
    const parts = new Map<number, number>();
    const isKept = new Set<number>();
    // Features are below the number of states or outputs.
    const size = 2 ** 26;
    for (const at of active) {
      const own = classOf[at] as number;
      const key = own * size + (feature[at] as number);
      let part = parts.get(key);
      if (part === undefined) {
        part = isKept.has(own) ? count++ : own;
        isKept.add(own);
        parts.set(key, part);
      }
      classOf[at] = part;
    }
  }
  return count;
}

/** The states that share their class: only these may be split. */
function withCompany(classOf: Int32Array, active: readonly number[], classes: number): number[] {
  const sizes = new Int32Array(classes);
  for (const at of active) sizes[classOf[at] as number] = (sizes[classOf[at] as number] ?? 0) + 1;
  return active.filter((at) => (sizes[classOf[at] as number] ?? 0) > 1);
}
