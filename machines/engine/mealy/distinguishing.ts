/** Distinguishing sequences: inputs to which two states of a finite machine answer differently. */
import type { MealyMachine } from './mealy-machine.js';
import { isTerminal } from './minimal.js';

/** What tells the states of a machine apart. */
export class DistinguishingSequences {
  readonly #machine: MealyMachine;
  readonly #index: ReadonlyMap<string, number>;
  /** By pair: how many inputs are needed. Without an entry nothing tells the two apart. */
  readonly #lengths: ReadonlyMap<number, number>;

  constructor(machine: MealyMachine) {
    this.#machine = machine;
    this.#index = new Map(machine.states.map((state, at) => [state, at]));
    this.#lengths = this.#measured();
  }

  /**
   * A shortest distinguishing sequence; null where nothing tells the two apart. It is empty where the session is over in one of them
   * only: that is seen on entering it.
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

  /** Shortest distinguishing sequences of two states, one for each input that such a sequence can begin with. */
  allBetween(one: string, other: string): readonly (readonly string[])[] {
    const length = this.#length(one, other);
    if (length === undefined) return [];
    return this.#leading(one, other, length).map((input) => {
      if (length === 1) return [input];
      const [a, b] = [this.#machine.step(one, input), this.#machine.step(other, input)];
      return [input, ...(this.between(a.to, b.to) ?? [])];
    });
  }

  /** The inputs that a shortest sequence of that length can begin with. */
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

  /** Round by round: a pair that an input leads to one of the rounds before takes one input more. */
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
      const told = open.filter(([one, other]) =>
        machine.inputs.some((input) => {
          const [a, b] = [machine.step(one, input), machine.step(other, input)];
          return a.output !== b.output || lengths.has(this.#pair(a.to, b.to));
        }),
      );
      if (told.length === 0) return lengths;
      const isTold = new Set(told);
      open = open.filter((pair) => !isTold.has(pair));
      for (const [one, other] of told) lengths.set(this.#pair(one, other), length);
    }
  }
}

/** Whether two states answer a sequence differently, or the session is over in one of them earlier. */
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
 * A characterization set, W: sequences of which one or another tells any two states apart, if anything does. Small, though perhaps not
 * the smallest: of the shortest distinguishing sequences the one that tells the most pairs apart is taken, and again. None is the
 * beginning of another. Empty where no input is needed.
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

/** The first of those that tell the most pairs apart; a shorter one before a longer one. */
function mostTelling(
  machine: MealyMachine,
  pairs: readonly (readonly [string, string])[],
  candidates: readonly (readonly string[])[],
): readonly string[] {
  let best: readonly string[] = [];
  let most = 0;
  for (const sequence of candidates) {
    const told = pairs.filter(([one, other]) => tellsApart(machine, one, other, sequence)).length;
    if (told > most || (told === most && sequence.length < best.length)) {
      [best, most] = [sequence, told];
    }
  }
  return best;
}

function beginsWith(sequence: readonly string[], beginning: readonly string[]): boolean {
  return beginning.every((input, at) => sequence[at] === input);
}
