/** The W-method (Vasilevskii 1973, Chow 1978) with extra states. */
import {
  characterizationSet,
  isTerminal,
  type MealyMachine,
  transitionCover,
} from '../mealy/index.js';

/** Sequences as a tree: a node is the beginning of some of them. */
interface Prefix {
  readonly next: Map<string, Prefix>;
  /** A sequence ends here. */
  isEnd: boolean;
}

/**
 * A place in one of the sequences P · Σ^{≤k} · W: within P, with so many inputs free before W, or within W. A beginning that is common to
 * many sequences is at several places at once.
 */
interface Place {
  readonly covering: Prefix | null;
  /** -1 when none are left and W goes on. */
  readonly free: number;
  readonly telling: Prefix | null;
}

/**
 * The sequences of the W-method, P · Σ^{≤k} · W: after each sequence of the transition cover and up to k inputs of any kind, each of the
 * characterization set. What is a beginning of another is left out, and nothing follows where the session is over. They are made depth
 * first, one at a time: memory is needed for one sequence.
 * @param machine a minimal one.
 * @param extra k: how many more states a server may have; 0 or more.
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

  /** Where a sequence of P ends, the free inputs begin, and with them W. */
  function alsoAt(place: Place): Place[] {
    if (!place.covering?.isEnd) return [place];
    return [place, { covering: null, free: extra, telling: characterization }];
  }

  function after({ covering, free, telling }: Place, input: string): Place[] {
    const places: Place[] = [];
    const [covered, told] = [covering?.next.get(input), telling?.next.get(input)];
    if (covered) places.push({ covering: covered, free: -1, telling: null });
    if (free > 0) places.push({ covering: null, free: free - 1, telling: characterization });
    if (told) places.push({ covering: null, free: -1, telling: told });
    return places;
  }

  yield* walk(machine.initial, alsoAt({ covering: cover, free: -1, telling: null }));
}

/** Each place once; of those with inputs free the one with the most, which has all that the others have. */
function merged(places: readonly Place[]): Place[] {
  const most = Math.max(...places.map(({ free }) => free));
  const seen = new Set<Prefix>();
  return places.filter(({ covering, free, telling }) => {
    const prefix = covering ?? telling;
    if (free >= 0 && free < most) return false;
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
