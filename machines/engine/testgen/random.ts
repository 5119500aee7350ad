/** Random cases; equal seeds give equal cases. */
import type { MealyMachine } from '../mealy/mealy-machine.js';
import { isTerminal } from '../mealy/minimal.js';

/** Maximum numbers of inputs and errors in a random connection. A gate closes a connection after 16 errors. */
export const randomLength = 20;
export const randomErrors = 12;

/** After this number of consecutive draws without a new sequence the generator stops. */
const maxMisses = 1_000;

/**
 * Generates different random sequences of 1 to 20 inputs. If possible, only the last input of a sequence ends the session. There are
 * fewer sequences than requested only when the machine has no more.
 * @param isError whether an output contains an error; a sequence has at most 12 of them.
 */
export function* randomSequences(
  machine: MealyMachine,
  count: number,
  seed: number,
  isError: (output: string) => boolean,
): Generator<string[]> {
  const random = generatorOf(seed);
  const known = new Set<string>();
  for (let misses = 0; known.size < count && misses < maxMisses; ) {
    const sequence = drawn(machine, random, isError);
    const id = sequence.join(' ');
    if (sequence.length === 0 || known.has(id)) misses += 1;
    else {
      misses = 0;
      known.add(id);
      yield sequence;
    }
  }
}

function drawn(
  machine: MealyMachine,
  random: () => number,
  isError: (output: string) => boolean,
): string[] {
  const length = 1 + Math.floor(random() * randomLength);
  const sequence: string[] = [];
  let state = machine.initial;
  for (let errors = 0; sequence.length < length && !isTerminal(machine, state); ) {
    const allowed = machine.inputs.filter(
      (input) => errors < randomErrors || !isError(machine.step(state, input).output),
    );
    const isLast = sequence.length === length - 1;
    const going = allowed.filter((input) => !isTerminal(machine, machine.step(state, input).to));
    const choices = isLast || going.length === 0 ? allowed : going;
    const input = choices[Math.floor(random() * choices.length)];
    if (input === undefined) break;
    const { to, output } = machine.step(state, input);
    if (isError(output)) errors += 1;
    sequence.push(input);
    state = to;
  }
  return sequence;
}

/** A generator of numbers from 0 (inclusive) to 1 (exclusive); equal seeds give equal numbers (mulberry32). */
export function generatorOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
