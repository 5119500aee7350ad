/** Differences that are found without a case being played to its end: no connection, or a timeout that could not be measured. */
import { type Case, caseOf, type ServerInput, type ServerModel } from '../../../machines/index.js';
import type { NotReachableError } from '../errors.js';
import { connectEdge, deadlineEdge, figuresOf } from './documented.js';
import type { MeasuredTimeout } from './measure.js';
import type { CaseDifference, CaseResult } from './result.js';

/** The server was there, and takes no connection any more. */
export function notConnected(one: Case, error: NotReachableError): CaseResult {
  return differing(one, 0, {
    code: 'not-connected',
    index: 0,
    input: one.steps[0]?.input ?? 'wait',
    from: 'connecting',
    expected: 'a connection',
    came: 'nothing',
    sentence: `The server took no connection any more: ${error.message}.`,
    edges: [connectEdge],
    figures: figuresOf(connectEdge, 'connecting', null),
  });
}

/**
 * A timeout that was waited for and never ended a connection.
 * @param inputs the session in which it was measured.
 * @returns null when it was measured, or never began.
 */
export function notMeasured(
  model: ServerModel,
  inputs: readonly ServerInput[],
  { milliseconds, watched, seen, steps }: MeasuredTimeout,
): CaseResult | null {
  if (milliseconds !== null || watched === null) return null;
  const one = caseOf(model, inputs);
  const index = inputs.length - 1;
  const from = one.steps[index]?.from ?? '';
  const edges = deadlineEdge(from);
  const after = index === 0 ? 'the connect' : 'the first EventError';
  const difference: CaseDifference = {
    code: 'never-disconnected',
    index,
    input: 'silence',
    from,
    expected: 'a disconnect',
    came: 'nothing',
    sentence: `The server had not disconnected ${Math.round(watched)} ms after ${after}.`,
    edges,
    figures: edges.flatMap((edge) => figuresOf(edge, from, 'silence')),
  };
  return { ...differing(one, index, difference), seen, steps };
}

function differing(one: Case, held: number, difference: CaseDifference): CaseResult {
  const nothing = { why: null, seen: [], steps: [], unconfirmed: [] };
  return { ...nothing, case: one, verdict: 'differs', difference, held, attempts: 1 };
}
