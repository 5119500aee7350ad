import type { Case } from '../../../machines/index.js';
import type { FigureTarget } from '../target.js';
import type { PlayCaseOptions } from './options.js';
import { type Played, playOnce } from './play-case.js';
import type { CaseDifference, CaseDifferenceCode, CaseResult } from './result.js';
import { Stalls } from './stalls.js';

/** Differences of time: a busy machine makes them too, so they have to be seen twice. */
const ofTime: ReadonlySet<CaseDifferenceCode> = new Set([
  'timeout-too-short',
  'timeout-too-long',
  'deadline-restarted',
]);

/**
 * Plays a case against a live server, on a connection of its own: gives its inputs, one after the other, and compares what comes with
 * what is expected, until the first difference. Where this process was too late to judge, and where a disconnect was off by a little, the
 * case is played again. Whatever the server does is in the result; nothing it does is thrown.
 * @throws {NotReachableError} when there is no connection to play on; the signal's reason when it is aborted.
 */
export async function playCase(
  one: Case,
  target: FigureTarget,
  options: PlayCaseOptions = {},
): Promise<CaseResult> {
  using own = options.stalls ? null : new Stalls();
  const stalls = options.stalls ?? own;
  if (!stalls) throw new Error('nobody watches this process');
  const most = Math.max(1, options.attempts ?? 3);
  const unconfirmed: CaseDifference[] = [];
  let why = '';
  let played: Played | null = null;
  let attempts = 0;
  while (attempts < most) {
    attempts += 1;
    played = await playOnce(one, target, options, stalls);
    const { ending } = played;
    if (ending?.kind === 'late') {
      why = ending.why;
      continue;
    }
    if (ending?.kind !== 'differs' || !ofTime.has(ending.difference.code))
      return resultOf(one, played, attempts, unconfirmed);
    const { difference } = ending;
    const seenBefore = unconfirmed.some(
      ({ code, index }) => code === difference.code && index === difference.index,
    );
    if (seenBefore || most === 1) return resultOf(one, played, attempts, []);
    unconfirmed.push(difference);
    why = `${difference.sentence} That was seen once and not again.`;
  }
  if (!played) throw new Error('no case was played');
  const ending = { kind: 'not-judged', why, isUnknown: false } as const;
  return resultOf(one, { ...played, ending }, attempts, unconfirmed);
}

function resultOf(
  one: Case,
  { ending, held, seen, steps }: Played,
  attempts: number,
  unconfirmed: readonly CaseDifference[],
): CaseResult {
  const isDifferent = ending?.kind === 'differs';
  return {
    case: one,
    verdict: ending === null ? 'held' : isDifferent ? 'differs' : 'not-judged',
    difference: isDifferent ? ending.difference : null,
    why: ending === null || isDifferent ? null : ending.why,
    ...(ending?.kind === 'not-judged' && ending.isUnknown && { isUnknown: true }),
    held,
    seen,
    steps,
    attempts,
    unconfirmed,
  };
}
