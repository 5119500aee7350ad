import type { Case } from '../../../machines/registration/sut/suites.js';
import type { FigureTarget } from '../target.js';
import { CaseAttempts, defaultAttempts } from './case-attempts.js';
import { playOnce } from './case-play.js';
import type { PlayCaseOptions } from './options.js';
import type { CaseResult } from './result.js';
import { StallMonitor } from './stall-monitor.js';

/**
 * Plays a case against a live server on a separate connection: sends its inputs in order and compares the responses with the expected
 * ones, until the first difference. The case is played again when this process was too late for a verdict, and when a disconnect was
 * slightly early or late. The result holds whatever the server does; no behaviour of the server throws.
 * @throws {NotReachableError} when there is no connection; the signal's reason when it aborts.
 */
export async function playCase(
  one: Case,
  target: FigureTarget,
  options: PlayCaseOptions = {},
): Promise<CaseResult> {
  using own = new StallMonitor();
  const stallMonitor = options.stallMonitor ?? own;
  const attempts = new CaseAttempts(one);
  const maxAttempts = Math.max(1, options.attempts ?? defaultAttempts);
  for (let count = 0; count < maxAttempts; count += 1) {
    const result = attempts.add(await playOnce(one, target, options, stallMonitor));
    if (result) return result;
  }
  return attempts.giveUp();
}
