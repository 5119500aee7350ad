/** Cases drawn at random, the same for the same seed. */
import { isTerminal, type MealyMachine } from '../mealy/index.js';

/** As many inputs as a random connection has at most, and as many errors: a gate ends a connection after 16 errors. */
export const randomLength = 20;
export const randomErrors = 12;

/** So many draws in a row that give nothing new: there is nothing more to draw. */
const patience = 1_000;

/**
 * Random sequences of inputs, all different, each of 1 to 20 inputs. Before its last input a sequence does not end the session, where it
 * can help it. There are fewer than asked for only where the machine has no more.
 * @param isError whether an output holds an error; a sequence has 12 of them at most.
 */
export function* randomSequences(
  machine: MealyMachine,
  count: number,
  seed: number,
  isError: (output: string) => boolean,
): Generator<string[]> {
  const random = generatorOf(seed);
  const known = new Set<string>();
  for (let misses = 0; known.size < count && misses < patience; ) {
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

/** Numbers from 0 up to and without 1, the same for the same seed (mulberry32). */
function generatorOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
