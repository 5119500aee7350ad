import { kindOf, serverInputNames } from '../../../machines/registration/sut/inputs.js';
import type { Case } from '../../../machines/registration/sut/suites.js';
import type { CaseResult, ConformFailure } from './result.js';
import { kindOfDifference, withoutRest } from './shrink.js';

interface FailureSoFar {
  count: number;
  shortest: CaseResult;
  replays: number;
}

/** The cases that failed, grouped by the kind of their difference, with the shortest case of each group. */
export class Failures {
  readonly #byKind = new Map<string, FailureSoFar>();
  /** Inputs up to a difference. A case that begins with them shows the same difference. */
  readonly #prefixes = new Set<string>();

  /** @returns whether the difference is the first of its kind. */
  add(found: CaseResult): boolean {
    const { difference } = found;
    if (!difference) return false;
    const result = withoutRest(found);
    this.#prefixes.add(result.case.steps.map(({ input }) => ` ${input}`).join(''));
    return this.#merge(kindOfDifference(difference), { count: 1, shortest: result, replays: 0 });
  }

  /** Whether a case begins like a failed one. */
  hasFailedPrefix({ steps }: Case): boolean {
    let inputs = '';
    return steps.some(({ input }) => {
      inputs += ` ${input}`;
      return this.#prefixes.has(inputs);
    });
  }

  /** The kinds of differences found so far. */
  get kinds(): string[] {
    return [...this.#byKind.keys()];
  }

  shortestOf(kind: string): CaseResult | undefined {
    return this.#byKind.get(kind)?.shortest;
  }

  /** Replaces a case by a shorter one. If that one has a known kind, both groups become one. */
  replaceShortest(kind: string, shortest: CaseResult, replays: number): void {
    const { difference } = shortest;
    const known = this.#byKind.get(kind);
    if (!known || !difference) return;
    this.#byKind.delete(kind);
    this.#merge(kindOfDifference(difference), { count: known.count, shortest, replays });
  }

  /** Documented failures first, then by frequency. */
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

/** Orders cases by number of inputs, then by number of waits, then by the list of inputs. The order is total. */
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
