import { caseIdOf } from '../../../machines/engine/testgen/suite.js';
import { caseOf } from '../../../machines/engine/testgen/suite-of.js';
import type { ServerModel } from '../../../machines/registration/sut/server-model.js';
import type { Case } from '../../../machines/registration/sut/suites.js';
import type { CaseDifference, CaseResult } from './result.js';

/** Differences are of one kind when they have the same code and the same transitions; without transitions, the same input. */
function kindOf({ code, edges, input }: CaseDifference): string {
  return `${code} ${edges.join('+') || input}`;
}

/** The kind of a difference, separate for documented ones. */
export function kindOfDifference(difference: CaseDifference): string {
  return `${kindOf(difference)} ${difference.figures.length > 0 ? 'documented' : 'own'}`;
}

/**
 * Shrinks the session of a failure: removes what follows the difference, then single inputs, while the server still shows the same
 * difference. Each candidate is played against the live server.
 * @param maxReplays maximum number of played sessions.
 * @returns the shortest session found, and the number of played sessions.
 */
export async function shrink(
  found: CaseResult,
  model: ServerModel,
  play: (one: Case) => Promise<CaseResult>,
  maxReplays: number,
): Promise<{ readonly shortest: CaseResult; readonly replays: number }> {
  const { difference } = found;
  if (!difference) return { shortest: found, replays: 0 };
  const kind = kindOf(difference);
  let shortest = withoutRest(found);
  let replays = 0;
  let at = 0;
  // The last input shows the difference, unless the difference belongs to an earlier one.
  const isOver = () => {
    const last = shortest.case.steps.length - 1;
    return at > last || (at === last && shortest.difference?.index === last);
  };
  while (!isOver() && replays < maxReplays) {
    const inputs = shortest.case.steps.map(({ input }) => input);
    inputs.splice(at, 1);
    replays += 1;
    const result = await play(caseOf(model, inputs));
    if (result.difference && kindOf(result.difference) === kind) shortest = withoutRest(result);
    else at += 1;
  }
  return { shortest, replays };
}

/** The same session without the inputs after the difference, which were not played. */
export function withoutRest(result: CaseResult): CaseResult {
  const { difference } = result;
  if (!difference) return result;
  // A second answer is seen with the next input, and belongs to the one before it.
  const last = Math.max(difference.index, ...result.seen.map(({ step }) => step ?? 0));
  const steps = result.case.steps.slice(0, last + 1);
  return { ...result, case: { id: caseIdOf(steps.map(({ input }) => input)), steps } };
}
