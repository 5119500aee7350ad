/** Machines in which some inputs cannot be given in some states, e.g. the outcome of an actor that does not run. */
import type { MealyMachine } from './mealy-machine.js';
import { isTerminal } from './minimal.js';

/** A larger machine has too many pairs of states. */
export const maxPartialStates = 400;

interface Pair {
  readonly one: string;
  readonly other: string;
  /** The length of a shortest sequence, with its first input; undefined while none is known. */
  length?: number;
  first?: string;
}

/**
 * A set of sequences: for any two states that some sequence distinguishes, one of them does, with inputs that can be given in both
 * states and in all states that follow. That is not an equivalence of states, so partition refinement does not find it.
 */
export function partialCharacterizationSet(machine: MealyMachine): readonly (readonly string[])[] {
  const pairs = tellingPairs(machine);
  const taken: (readonly string[])[] = [];
  let open = [...pairs.values()].filter(({ length }) => length !== undefined);
  // Long sequences often tell other pairs apart, too.
  open.sort((one, other) => (other.length ?? 0) - (one.length ?? 0));
  while (open.length > 0) {
    const [{ one, other }] = open as [Pair];
    const sequence = sequenceOf(machine, pairs, one, other);
    taken.push(sequence);
    open = open.filter((pair) => !tellsBothApart(machine, pair, sequence));
  }
  return taken;
}

/** Every pair of states by their names, with the shortest sequence that tells them apart. */
function tellingPairs(machine: MealyMachine): Map<string, Pair> {
  const active = machine.states.filter((state) => !isTerminal(machine, state));
  const pairs = new Map<string, Pair>();
  for (const [at, one] of active.entries()) {
    for (const other of active.slice(at + 1)) pairs.set(keyOf(one, other), { one, other });
  }
  const undecided = new Set(pairs.values());
  for (let length = 1, grows = true; grows; length += 1) {
    grows = false;
    const found: Pair[] = [];
    for (const pair of undecided) {
      const first = commonInputs(machine, pair).find((input) => {
        const [a, b] = [machine.step(pair.one, input), machine.step(pair.other, input)];
        if (a.output !== b.output) return length === 1;
        if (isTerminal(machine, a.to) !== isTerminal(machine, b.to)) return length === 1;
        return pairs.get(keyOf(a.to, b.to))?.length === length - 1;
      });
      if (first === undefined) continue;
      pair.first = first;
      found.push(pair);
    }
    // Set afterwards: a length counts from the next round on.
    for (const pair of found) {
      pair.length = length;
      undecided.delete(pair);
      grows = true;
    }
  }
  return pairs;
}

function sequenceOf(
  machine: MealyMachine,
  pairs: ReadonlyMap<string, Pair>,
  one: string,
  other: string,
): string[] {
  const sequence: string[] = [];
  for (let pair = pairs.get(keyOf(one, other)); pair?.first !== undefined; ) {
    const { first, length } = pair;
    sequence.push(first);
    if (length === 1) break;
    const [a, b] = [machine.step(pair.one, first), machine.step(pair.other, first)];
    pair = pairs.get(keyOf(a.to, b.to));
  }
  return sequence;
}

/** Whether a sequence tells a pair apart with inputs that can be given on both sides. Other inputs are left out, as in a suite. */
function tellsBothApart(
  machine: MealyMachine,
  { one, other }: Pair,
  sequence: readonly string[],
): boolean {
  let [a, b] = [one, other];
  for (const input of sequence) {
    const possible = [a, b].map((state) => isPossible(machine, state, input));
    // Left out on one side only: what follows says nothing about the pair.
    if (possible[0] !== possible[1]) return false;
    if (!possible[0]) continue;
    const [next, beside] = [machine.step(a, input), machine.step(b, input)];
    if (next.output !== beside.output) return true;
    [a, b] = [next.to, beside.to];
    const ended = [a, b].map((state) => isTerminal(machine, state));
    if (ended[0] !== ended[1]) return true;
    if (ended[0]) return false;
  }
  return false;
}

function commonInputs(machine: MealyMachine, { one, other }: Pair): string[] {
  return machine.inputs.filter(
    (input) => isPossible(machine, one, input) && isPossible(machine, other, input),
  );
}

function isPossible(machine: MealyMachine, state: string, input: string): boolean {
  return machine.isPossible?.(state, input) ?? true;
}

function keyOf(one: string, other: string): string {
  return one < other ? `${one}\n${other}` : `${other}\n${one}`;
}
