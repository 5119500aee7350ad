/** Distinguishing sequences: inputs for which two states of a Mealy machine have different outputs. */
import type { MealyMachine } from './mealy-machine.js';
import { isTerminal } from './minimal.js';
import { maxPartialStates, partialCharacterizationSet } from './partial.js';
import { type Refinement, refinementOf } from './refinement.js';

/** The shortest distinguishing sequences of a machine, for every pair of its states. */
export class DistinguishingSequences {
  readonly #machine: MealyMachine;
  readonly #refinement: Refinement;

  constructor(machine: MealyMachine) {
    this.#machine = machine;
    this.#refinement = refinementOf(machine);
  }

  /**
   * A shortest distinguishing sequence; null for equivalent states. It is empty when only one of the states is terminal: the end of a
   * session is observable.
   */
  between(one: string, other: string): readonly string[] | null {
    let left = this.#length(one, other);
    if (left === undefined) return null;
    const sequence: string[] = [];
    for (let [a, b] = [one, other]; left > 0; left -= 1) {
      const input = this.#leading(a, b, left)[0] as string;
      sequence.push(input);
      [a, b] = [this.#machine.step(a, input).to, this.#machine.step(b, input).to];
    }
    return sequence;
  }

  /** Shortest distinguishing sequences of two states, one for each possible first input. */
  allBetween(one: string, other: string): readonly (readonly string[])[] {
    const length = this.#length(one, other);
    if (length === undefined) return [];
    return this.#leading(one, other, length).map((input) => {
      if (length === 1) return [input];
      const [a, b] = [this.#machine.step(one, input), this.#machine.step(other, input)];
      return [input, ...(this.between(a.to, b.to) ?? [])];
    });
  }

  /** The possible first inputs of a shortest sequence of a length. */
  #leading(one: string, other: string, length: number): string[] {
    return this.#machine.inputs.filter((input) => {
      const [a, b] = [this.#machine.step(one, input), this.#machine.step(other, input)];
      if (a.output !== b.output) return length === 1;
      return this.#length(a.to, b.to) === length - 1;
    });
  }

  /** The length of a shortest sequence; undefined for equivalent states. A class that is split stays split, so the search may halve. */
  #length(one: string, other: string): number | undefined {
    const { index, rounds } = this.#refinement;
    const [a = -1, b = -1] = [index.get(one), index.get(other)];
    const differ = (length: number) => rounds[length]?.[a] !== rounds[length]?.[b];
    let [low, high] = [0, rounds.length - 1];
    if (!differ(high)) return undefined;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (differ(middle)) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

/** Whether a sequence has different outputs in two states, or ends the session earlier in one of them. */
export function tellsApart(
  machine: MealyMachine,
  one: string,
  other: string,
  sequence: readonly string[],
): boolean {
  let [a, b] = [one, other];
  for (const input of sequence) {
    if (isTerminal(machine, a) || isTerminal(machine, b)) break;
    const [next, beside] = [machine.step(a, input), machine.step(b, input)];
    if (next.output !== beside.output) return true;
    [a, b] = [next.to, beside.to];
  }
  return isTerminal(machine, a) !== isTerminal(machine, b);
}

/** A larger machine gets a set that is not chosen from all pairs of its states: there are too many. */
const maxGreedyStates = 150;

/**
 * A characterization set, W: for any two states that are not equivalent, one of its sequences tells them apart. It is small, but perhaps
 * not the smallest: a greedy choice takes the sequence that tells the most pairs apart (up to 150 states). No sequence is a prefix of another. The set is
 * empty when no input is needed.
 */
export function characterizationSet(machine: MealyMachine): readonly (readonly string[])[] {
  if (machine.isPossible && machine.states.length <= maxPartialStates) {
    return partialCharacterizationSet(machine);
  }
  const distinctions = new DistinguishingSequences(machine);
  const active = machine.states.filter((state) => !isTerminal(machine, state));
  if (active.length > maxGreedyStates) return splittingSet(machine, active, distinctions);
  let pairs = active
    .flatMap((one, at) => active.slice(at + 1).map((other): [string, string] => [one, other]))
    .filter(([one, other]) => distinctions.between(one, other) !== null);
  const candidates = new Map<string, readonly string[]>();
  for (const [one, other] of pairs) {
    for (const sequence of distinctions.allBetween(one, other)) {
      candidates.set(JSON.stringify(sequence), sequence);
    }
  }
  const taken: (readonly string[])[] = [];
  while (pairs.length > 0) {
    const best = mostTelling(machine, pairs, [...candidates.values()]);
    taken.push(best);
    pairs = pairs.filter(([one, other]) => !tellsApart(machine, one, other, best));
  }
  return taken.filter((one) => !taken.some((other) => other !== one && beginsWith(other, one)));
}

/** Splits the states again and again by a sequence for two that are still together. */
function splittingSet(
  machine: MealyMachine,
  active: readonly string[],
  distinctions: DistinguishingSequences,
): readonly (readonly string[])[] {
  const taken: (readonly string[])[] = [];
  let groups: readonly (readonly string[])[] = [active];
  for (;;) {
    const sequence = groups.map((group) => firstDifference(group, distinctions)).find(Boolean);
    if (!sequence) break;
    taken.push(sequence);
    groups = groups.flatMap((group) => {
      const parts = new Map<string, string[]>();
      for (const state of group) {
        const key = traceOf(machine, state, sequence);
        const part = parts.get(key) ?? [];
        parts.set(key, part);
        part.push(state);
      }
      return [...parts.values()];
    });
  }
  return taken.filter((one) => !taken.some((other) => other !== one && beginsWith(other, one)));
}

function firstDifference([first = '', ...others]: readonly string[], all: DistinguishingSequences) {
  for (const other of others) {
    const sequence = all.between(first, other);
    if (sequence !== null) return sequence;
  }
  return null;
}

/** The outputs of a sequence, and where the session ends. */
function traceOf(machine: MealyMachine, from: string, sequence: readonly string[]): string {
  const outputs: string[] = [];
  let state = from;
  for (const input of sequence) {
    if (isTerminal(machine, state)) break;
    const { to, output } = machine.step(state, input);
    outputs.push(output);
    state = to;
  }
  return JSON.stringify([outputs, isTerminal(machine, state)]);
}

/** The sequence that tells the most pairs apart; the shorter and then the first of equals. */
function mostTelling(
  machine: MealyMachine,
  pairs: readonly (readonly [string, string])[],
  candidates: readonly (readonly string[])[],
): readonly string[] {
  let best: readonly string[] = [];
  let max = 0;
  for (const sequence of candidates) {
    const count = pairs.filter(([one, other]) => tellsApart(machine, one, other, sequence)).length;
    if (count > max || (count === max && sequence.length < best.length)) {
      [best, max] = [sequence, count];
    }
  }
  return best;
}

function beginsWith(sequence: readonly string[], beginning: readonly string[]): boolean {
  return beginning.every((input, at) => sequence[at] === input);
}
