import type { Case } from '../../../machines/index.js';
import type { FigureTarget } from '../target.js';
import { Attempts, defaultAttempts } from './attempts.js';
import type { PlayCaseOptions } from './options.js';
import { playOnce } from './play-case.js';
import type { CaseResult } from './result.js';
import { Stalls } from './stalls.js';

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
  using own = new Stalls();
  const attempts = new Attempts(one);
  const most = Math.max(1, options.attempts ?? defaultAttempts);
  for (let count = 0; count < most; count += 1) {
    const result = attempts.add(await playOnce(one, target, options, options.stalls ?? own));
    if (result) return result;
  }
  return attempts.giveUp();
}
