import type { Case } from '../../../machines/index.js';
import type { Played } from './play-case.js';
import type { CaseDifference, CaseDifferenceCode, CaseResult } from './result.js';

/** Differences of time: a busy machine makes them too, so they have to be seen twice. */
const ofTime: ReadonlySet<CaseDifferenceCode> = new Set([
  'timeout-too-short',
  'timeout-too-long',
  'deadline-restarted',
]);

/** How often a case is played where none is given. */
export const defaultAttempts = 3;

/** One case and how it came out each time, until it can be judged. */
export class Attempts {
  readonly case: Case;
  readonly #unconfirmed: CaseDifference[] = [];
  #count = 0;
  #last: { readonly played: Played; readonly why: string } | null = null;

  constructor(one: Case) {
    this.case = one;
  }

  /** @returns the result; null when the case is to be played again. */
  add(played: Played): CaseResult | null {
    this.#count += 1;
    const { ending } = played;
    if (ending?.kind === 'late') {
      this.#last = { played, why: ending.why };
      return null;
    }
    if (ending?.kind !== 'differs' || !ofTime.has(ending.difference.code))
      return this.#result(played, this.#unconfirmed);
    const { difference } = ending;
    const isConfirmed = this.#unconfirmed.some(
      ({ code, index }) => code === difference.code && index === difference.index,
    );
    if (isConfirmed) return this.#result(played, []);
    this.#unconfirmed.push(difference);
    this.#last = { played, why: `${difference.sentence} That was seen once and not again.` };
    return null;
  }

  /** The result where it is not played again. */
  giveUp(): CaseResult {
    if (!this.#last) throw new Error('no case was played');
    const { played, why } = this.#last;
    const ending = { kind: 'not-judged', why, isUnknown: false } as const;
    return this.#result({ ...played, ending }, this.#unconfirmed);
  }

  #result(
    { ending, held, seen, steps }: Played,
    unconfirmed: readonly CaseDifference[],
  ): CaseResult {
    const base = { case: this.case, held, seen, steps, attempts: this.#count, unconfirmed };
    if (ending === null) return { ...base, verdict: 'held', difference: null, why: null };
    if (ending.kind === 'differs')
      return { ...base, verdict: 'differs', difference: ending.difference, why: null };
    const isUnknown = ending.kind === 'not-judged' && ending.isUnknown;
    return { ...base, verdict: 'not-judged', difference: null, why: ending.why, isUnknown };
  }
}
