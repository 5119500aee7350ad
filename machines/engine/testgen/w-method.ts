/** The W-method (Vasilevskii 1973, Chow 1978) with extra states. */
import { transitionCover } from '../mealy/covers.js';
import { characterizationSet } from '../mealy/distinguishing.js';
import type { MealyMachine } from '../mealy/mealy-machine.js';
import { isTerminal } from '../mealy/minimal.js';

/** Sequences as a tree: a node is a prefix of some of them. */
interface Prefix {
  readonly next: Map<string, Prefix>;
  /** Whether a sequence ends here. */
  isEnd: boolean;
}

/**
 * A position in the sequences P · Σ^{≤k} · W: within P, with a number of free inputs before W, or within W. A prefix that many sequences
 * share is at several positions at once.
 */
interface Place {
  readonly covering: Prefix | null;
  /** The number of free inputs left; -1 within P and W. */
  readonly free: number;
  readonly telling: Prefix | null;
}

/**
 * The sequences of the W-method, P · Σ^{≤k} · W: each sequence of the transition cover, up to k inputs of any kind, and each sequence of
 * the characterization set. Prefixes of other sequences are left out, and no input follows the end of a session. They are generated depth
 * first, one at a time, with the memory of one sequence.
 * @param machine a minimal machine.
 * @param extra k, the maximum number of additional states of a server; 0 or more.
 */
export function* wSequences(machine: MealyMachine, extra: number): Generator<string[]> {
  const cover = treeOf(transitionCover(machine));
  const characterization = treeOf(characterizationSet(machine));
  const path: string[] = [];

  function* walk(state: string, places: readonly Place[]): Generator<string[]> {
    let isLeaf = true;
    if (!isTerminal(machine, state)) {
      for (const input of machine.inputs) {
        const next = places.flatMap((place) => after(place, input));
        if (next.length === 0) continue;
        isLeaf = false;
        path.push(input);
        yield* walk(machine.step(state, input).to, merged(next.flatMap(alsoAt)));
        path.pop();
      }
    }
    if (isLeaf && path.length > 0) yield [...path];
  }

  /** Where a sequence of P ends, the free inputs and W begin. */
  function alsoAt(place: Place): Place[] {
    if (!place.covering?.isEnd) return [place];
    return [place, { covering: null, free: extra, telling: characterization }];
  }

  function after({ covering, free, telling }: Place, input: string): Place[] {
    const places: Place[] = [];
    const [covered, distinguishing] = [covering?.next.get(input), telling?.next.get(input)];
    if (covered) places.push({ covering: covered, free: -1, telling: null });
    if (free > 0) places.push({ covering: null, free: free - 1, telling: characterization });
    if (distinguishing) places.push({ covering: null, free: -1, telling: distinguishing });
    return places;
  }

  yield* walk(machine.initial, alsoAt({ covering: cover, free: -1, telling: null }));
}

/** Each position once. Of the positions with free inputs only the one with the most, which includes the others. */
function merged(places: readonly Place[]): Place[] {
  const max = Math.max(...places.map(({ free }) => free));
  const seen = new Set<Prefix>();
  return places.filter(({ covering, free, telling }) => {
    const prefix = covering ?? telling;
    if (free >= 0 && free < max) return false;
    if (prefix === null || seen.has(prefix)) return false;
    seen.add(prefix);
    return true;
  });
}

function treeOf(sequences: readonly (readonly string[])[]): Prefix {
  const root: Prefix = { next: new Map(), isEnd: false };
  for (const sequence of sequences) {
    let prefix = root;
    for (const input of sequence) {
      const longer = prefix.next.get(input) ?? { next: new Map(), isEnd: false };
      prefix.next.set(input, longer);
      prefix = longer;
    }
    prefix.isEnd = true;
  }
  return root;
}
