import type { Case } from '../../../machines/registration/sut/suites.js';
import type { Played } from './case-play.js';
import type { CaseDifference, CaseDifferenceCode, CaseResult } from './result.js';

/** Differences in time. A busy machine causes them too, so they count only when they are seen twice. */
const timeDifferences: ReadonlySet<CaseDifferenceCode> = new Set([
  'timeout-too-short',
  'timeout-too-long',
  'deadline-restarted',
]);

/** How often a case is played by default. */
export const defaultAttempts = 3;

/** The attempts at one case, until there is a verdict. */
export class CaseAttempts {
  readonly case: Case;
  readonly #unconfirmed: CaseDifference[] = [];
  #count = 0;
  #last: { readonly played: Played; readonly reason: string } | null = null;

  constructor(one: Case) {
    this.case = one;
  }

  /** @returns the result; null when the case must be played again. */
  add(played: Played): CaseResult | null {
    this.#count += 1;
    const { ending } = played;
    if (ending?.kind === 'late') {
      this.#last = { played, reason: ending.reason };
      return null;
    }
    if (ending?.kind !== 'fail' || !timeDifferences.has(ending.difference.code))
      return this.#result(played, this.#unconfirmed);
    const { difference } = ending;
    const isConfirmed = this.#unconfirmed.some(
      ({ code, index }) => code === difference.code && index === difference.index,
    );
    if (isConfirmed) return this.#result(played, []);
    this.#unconfirmed.push(difference);
    this.#last = { played, reason: `${difference.sentence} It was not seen again.` };
    return null;
  }

  /** The result when the case is not played again. */
  giveUp(): CaseResult {
    if (!this.#last) throw new Error('no case was played');
    const { played, reason } = this.#last;
    const ending = { kind: 'inconclusive', reason, isUnknown: false } as const;
    return this.#result({ ...played, ending }, this.#unconfirmed);
  }

  #result(
    { ending, passed, seen, steps }: Played,
    unconfirmed: readonly CaseDifference[],
  ): CaseResult {
    const base = { case: this.case, passed, seen, steps, attempts: this.#count, unconfirmed };
    if (ending === null) return { ...base, verdict: 'pass', difference: null, reason: null };
    if (ending.kind === 'fail')
      return { ...base, verdict: 'fail', difference: ending.difference, reason: null };
    const isUnknown = ending.kind === 'inconclusive' && ending.isUnknown;
    const { reason } = ending;
    return { ...base, verdict: 'inconclusive', difference: null, reason, isUnknown };
  }
}
