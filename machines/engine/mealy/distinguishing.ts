/** Distinguishing sequences: inputs for which two states of a Mealy machine have different outputs. */
import type { MealyMachine } from './mealy-machine.js';
import { isTerminal } from './minimal.js';

/** The shortest distinguishing sequences of a machine, for every pair of its states. */
export class DistinguishingSequences {
  readonly #machine: MealyMachine;
  readonly #index: ReadonlyMap<string, number>;
  /** By pair: the length of a shortest sequence. A pair without an entry is equivalent. */
  readonly #lengths: ReadonlyMap<number, number>;

  constructor(machine: MealyMachine) {
    this.#machine = machine;
    this.#index = new Map(machine.states.map((state, at) => [state, at]));
    this.#lengths = this.#measured();
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

  #length(one: string, other: string): number | undefined {
    return this.#lengths.get(this.#pair(one, other));
  }

  #pair(one: string, other: string): number {
    const [a = 0, b = 0] = [this.#index.get(one), this.#index.get(other)];
    return Math.min(a, b) * this.#index.size + Math.max(a, b);
  }

  /** Round by round: a pair needs one input more than the pair to which some input leads. */
  #measured(): Map<number, number> {
    const machine = this.#machine;
    const lengths = new Map<number, number>();
    let open: [string, string][] = [];
    for (const [at, one] of machine.states.entries()) {
      for (const other of machine.states.slice(at + 1)) {
        if (isTerminal(machine, one) !== isTerminal(machine, other))
          lengths.set(this.#pair(one, other), 0);
        else if (!isTerminal(machine, one)) open.push([one, other]);
      }
    }
    for (let length = 1; ; length += 1) {
      const distinguished = open.filter(([one, other]) =>
        machine.inputs.some((input) => {
          const [a, b] = [machine.step(one, input), machine.step(other, input)];
          return a.output !== b.output || lengths.has(this.#pair(a.to, b.to));
        }),
      );
      if (distinguished.length === 0) return lengths;
      const isDone = new Set(distinguished);
      open = open.filter((pair) => !isDone.has(pair));
      for (const [one, other] of distinguished) lengths.set(this.#pair(one, other), length);
    }
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

/**
 * A characterization set, W: for any two states that are not equivalent, one of its sequences tells them apart. It is small, but perhaps
 * not the smallest: a greedy choice takes the sequence that tells the most pairs apart. No sequence is a prefix of another. The set is
 * empty when no input is needed.
 */
export function characterizationSet(machine: MealyMachine): readonly (readonly string[])[] {
  const distinctions = new DistinguishingSequences(machine);
  const active = machine.states.filter((state) => !isTerminal(machine, state));
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
