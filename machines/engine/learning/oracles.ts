/** Words that test a hypothesis: every system with up to a number of additional states fails one of them, unless it is equivalent. */
import { stateCover, transitionCover } from '../mealy/covers.js';
import {
  characterizationSet,
  DistinguishingSequences,
  tellsApart,
} from '../mealy/distinguishing.js';
import type { MealyMachine } from '../mealy/mealy-machine.js';
import { isTerminal } from '../mealy/minimal.js';
import { randomSequences } from '../testgen/random.js';
import { wSequences } from '../testgen/w-method.js';
import { keyOf } from './timed-system.js';

export const oracles = ['wp', 'w', 'hsi', 'random'] as const;
export type Oracle = (typeof oracles)[number];

export interface OracleOptions {
  readonly oracle: Oracle;
  /** The maximum number of additional states, 0 or more. */
  readonly extraStates: number;
  /** Number and seed of random words. */
  readonly walks: number;
  readonly seed: number;
}

/** The words of an oracle, one at a time. @param machine a minimal machine */
export function testWords(machine: MealyMachine, options: OracleOptions): Iterable<string[]> {
  const { oracle, extraStates, walks, seed } = options;
  switch (oracle) {
    case 'w':
      return wSequences(machine, extraStates);
    case 'wp':
      return wpWords(machine, extraStates);
    case 'hsi':
      return hsiWords(machine, extraStates);
    case 'random':
      return randomSequences(machine, walks, seed, () => false);
  }
}

/** What passing all words guarantees, in one sentence. */
export function guaranteeOf({ oracle, extraStates, walks, seed }: OracleOptions): string {
  if (oracle === 'random') return `none: ${walks} random words (seed ${seed}) found no difference`;
  const more = extraStates === 1 ? 'one more state' : `${extraStates} more states`;
  return `every system over these inputs with at most ${more} behaves like this, or fails a word of the ${oracle} method`;
}

/** The Wp-method (Fujiwara and others 1991): the whole characterization set after the state cover, then only what identifies the state. */
function* wpWords(machine: MealyMachine, extra: number): Generator<string[]> {
  const all = suffixes(characterizationSet(machine), machine);
  const cover = [...stateCover(machine).values()];
  for (const word of extended(machine, cover, extra)) {
    yield* followed(machine, word, all);
  }
  const covered = new Set(cover.map(keyOf));
  const rest = transitionCover(machine).filter((word) => !covered.has(keyOf(word)));
  const identifying = new Map<string, readonly (readonly string[])[]>();
  for (const word of extended(machine, rest, extra)) {
    const state = stateAfter(machine, word);
    const known = identifying.get(state) ?? identification(machine, state, all);
    identifying.set(state, known);
    yield* followed(machine, word, known);
  }
}

/** The HSI-method: harmonized sets, in which two states share the sequence that tells them apart. */
function* hsiWords(machine: MealyMachine, extra: number): Generator<string[]> {
  const distinctions = new DistinguishingSequences(machine);
  const active = machine.states.filter((state) => !isTerminal(machine, state));
  const sets = new Map(
    active.map((state) => {
      const others = active.filter((other) => other !== state);
      const found = others.flatMap((other) => {
        const [one = '', second = ''] = [state, other].sort();
        return [distinctions.between(one, second) ?? []];
      });
      return [state, suffixes(unique(found), machine)] as const;
    }),
  );
  const covers = [...stateCover(machine).values(), ...transitionCover(machine)];
  for (const word of extended(machine, unique(covers), extra)) {
    yield* followed(machine, word, sets.get(stateAfter(machine, word)) ?? []);
  }
}

/** With one state nothing tells states apart: then every input is tried, since a system may look like one state at first. */
function suffixes(set: readonly (readonly string[])[], { inputs }: MealyMachine) {
  const used = set.filter((sequence) => sequence.length > 0);
  return used.length > 0 ? used : inputs.map((input) => [input]);
}

/** The words, each followed by up to a number of inputs. No input follows the end of a session. */
function* extended(
  machine: MealyMachine,
  words: readonly (readonly string[])[],
  extra: number,
): Generator<readonly string[]> {
  let layer = words;
  for (let length = 0; ; length += 1) {
    yield* layer;
    if (length === extra) return;
    layer = layer.flatMap((word) =>
      isTerminal(machine, stateAfter(machine, word))
        ? []
        : machine.inputs.map((input) => [...word, input]),
    );
  }
}

function* followed(
  machine: MealyMachine,
  word: readonly string[],
  set: readonly (readonly string[])[],
): Generator<string[]> {
  if (isTerminal(machine, stateAfter(machine, word))) yield [...word];
  else for (const suffix of set) yield [...word, ...suffix];
}

/** The sequences of a set that tell a state apart from all others. */
function identification(
  machine: MealyMachine,
  state: string,
  set: readonly (readonly string[])[],
): readonly (readonly string[])[] {
  let others = machine.states.filter((one) => one !== state && !isTerminal(machine, one));
  const taken: (readonly string[])[] = [];
  while (others.length > 0) {
    const counts = set.map(
      (sequence) => others.filter((one) => tellsApart(machine, state, one, sequence)).length,
    );
    const best = counts.indexOf(Math.max(...counts));
    const sequence = set[best];
    if (!sequence || counts[best] === 0) break;
    taken.push(sequence);
    others = others.filter((one) => !tellsApart(machine, state, one, sequence));
  }
  return taken.length > 0 ? taken : set;
}

function stateAfter(machine: MealyMachine, word: readonly string[]): string {
  let state = machine.initial;
  for (const input of word) {
    if (isTerminal(machine, state)) break;
    state = machine.step(state, input).to;
  }
  return state;
}

function unique(words: readonly (readonly string[])[]): (readonly string[])[] {
  return [...new Map(words.map((word) => [keyOf(word), word])).values()];
}
