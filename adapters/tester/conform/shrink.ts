import { type Case, caseIdOf, caseOf, type ServerModel } from '../../../machines/index.js';
import type { CaseDifference, CaseResult } from './result.js';

/** Differences that are alike: the same code, and the same transition of the chart, or the same input where there is none. */
function kindOf({ code, edges, input }: CaseDifference): string {
  return `${code} ${edges.join('+') || input}`;
}

/** The same, and what a figure shows apart from what is this project's own choice. */
export function kindOfDifference(difference: CaseDifference): string {
  return `${kindOf(difference)} ${difference.figures.length > 0 ? 'documented' : 'own'}`;
}

/**
 * Makes the session of a failure short: what came after the difference is left out, then one input after the other, as long as the
 * server still differs in the same way. It is played live.
 * @param most how many sessions may be played.
 * @returns the shortest session that was found, and how many were played.
 */
export async function shrink(
  found: CaseResult,
  model: ServerModel,
  play: (one: Case) => Promise<CaseResult>,
  most: number,
): Promise<{ readonly shortest: CaseResult; readonly replays: number }> {
  const { difference } = found;
  if (!difference) return { shortest: found, replays: 0 };
  const kind = kindOf(difference);
  let shortest = withoutRest(found);
  let replays = 0;
  let at = 0;
  // The last input is what shows the difference, save where an earlier one is blamed.
  const isOver = () => {
    const last = shortest.case.steps.length - 1;
    return at > last || (at === last && shortest.difference?.index === last);
  };
  while (!isOver() && replays < most) {
    const inputs = shortest.case.steps.map(({ input }) => input);
    inputs.splice(at, 1);
    replays += 1;
    const result = await play(caseOf(model, inputs));
    if (result.difference && kindOf(result.difference) === kind) shortest = withoutRest(result);
    else at += 1;
  }
  return { shortest, replays };
}

/** What came after the difference was not played: the case without it is the same session. */
export function withoutRest(result: CaseResult): CaseResult {
  const { difference } = result;
  if (!difference) return result;
  // An answer too many is seen with the next input, and belongs to the one before it.
  const last = Math.max(difference.index, ...result.seen.map(({ step }) => step ?? 0));
  const steps = result.case.steps.slice(0, last + 1);
  return { ...result, case: { id: caseIdOf(steps.map(({ input }) => input)), steps } };
}
