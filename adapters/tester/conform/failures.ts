import { type Case, kindOf, serverInputNames } from '../../../machines/index.js';
import type { CaseResult, ConformFailure } from './result.js';
import { kindOfDifference, withoutRest } from './shrink.js';

interface FailureSoFar {
  count: number;
  shortest: CaseResult;
  replays: number;
}

/** The cases that differ, those that differ in the same way together, with the shortest of them. */
export class Failures {
  readonly #byKind = new Map<string, FailureSoFar>();
  /** Inputs up to one that showed a difference: what begins like them shows the same. */
  readonly #begun = new Set<string>();

  /** @returns whether it is the first of its kind. */
  add(found: CaseResult): boolean {
    const { difference } = found;
    if (!difference) return false;
    const result = withoutRest(found);
    this.#begun.add(result.case.steps.map(({ input }) => ` ${input}`).join(''));
    return this.#merge(kindOfDifference(difference), { count: 1, shortest: result, replays: 0 });
  }

  /** Whether a case begins like one that differs. */
  hasBegun({ steps }: Case): boolean {
    let inputs = '';
    return steps.some(({ input }) => {
      inputs += ` ${input}`;
      return this.#begun.has(inputs);
    });
  }

  /** The kinds that there are. */
  get kinds(): string[] {
    return [...this.#byKind.keys()];
  }

  shortestOf(kind: string): CaseResult | undefined {
    return this.#byKind.get(kind)?.shortest;
  }

  /** A shorter session was found. It may be of a kind that is there already: then they are one. */
  shrunk(kind: string, shortest: CaseResult, replays: number): void {
    const { difference } = shortest;
    const known = this.#byKind.get(kind);
    if (!known || !difference) return;
    this.#byKind.delete(kind);
    this.#merge(kindOfDifference(difference), { count: known.count, shortest, replays });
  }

  /** Those that a figure shows first, then the most frequent. */
  get all(): ConformFailure[] {
    return [...this.#byKind.values()]
      .flatMap(({ count, shortest, replays }) => {
        const { difference } = shortest;
        if (!difference) return [];
        const isDocumented = difference.figures.length > 0;
        return [{ code: difference.code, count, shortest, difference, isDocumented, replays }];
      })
      .sort(
        (one, other) =>
          Number(other.isDocumented) - Number(one.isDocumented) || other.count - one.count,
      );
  }

  #merge(kind: string, added: FailureSoFar): boolean {
    const known = this.#byKind.get(kind);
    if (!known) {
      this.#byKind.set(kind, added);
      return true;
    }
    known.count += added.count;
    known.replays += added.replays;
    if (isShorter(added.shortest.case, known.shortest.case)) known.shortest = added.shortest;
    return false;
  }
}

/** Shorter is what has fewer inputs, of those what waits less, and of those what comes first in the list of inputs: always the same. */
function isShorter(one: Case, other: Case): boolean {
  const waits = ({ steps }: Case) => steps.filter(({ input }) => kindOf(input) === 'time').length;
  const less = one.steps.length - other.steps.length || waits(one) - waits(other);
  if (less !== 0) return less < 0;
  for (const [at, { input }] of one.steps.entries()) {
    const theirs = other.steps[at]?.input ?? input;
    if (input !== theirs) return serverInputNames.indexOf(input) < serverInputNames.indexOf(theirs);
  }
  return false;
}
