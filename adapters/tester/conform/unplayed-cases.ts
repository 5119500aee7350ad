/** Failures outside a played case: no connection, or a timeout that could not be measured. */
import { caseOf } from '../../../machines/engine/testgen/suite-of.js';
import { notDisconnected } from '../../../machines/registration/figures/server-findings.js';
import type { ServerInput } from '../../../machines/registration/sut/inputs.js';
import type { ServerModel } from '../../../machines/registration/sut/server-model.js';
import type { Case } from '../../../machines/registration/sut/suites.js';
import type { NotReachableError } from '../errors.js';
import { connectEdge, deadlineEdge, figuresOf } from './documented-edges.js';
import type { MeasuredTimeout } from './measure.js';
import type { CaseDifference, CaseResult } from './result.js';

/** The server accepts no more connections. */
export function notConnected(one: Case, error: NotReachableError): CaseResult {
  return failing(one, 0, {
    code: 'not-connected',
    index: 0,
    input: one.steps[0]?.input ?? 'wait',
    from: 'connecting',
    expected: 'a connection',
    came: 'nothing',
    sentence: `The server accepted no more connections: ${error.message}.`,
    edges: [connectEdge],
    figures: figuresOf(connectEdge, 'connecting', null),
  });
}

/**
 * A timeout that did not end its connection.
 * @param inputs the session in which it was measured.
 * @returns null when it was measured, or did not start.
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
    ...notDisconnected(watched, after),
    index,
    input: 'silence',
    from,
    expected: 'a disconnect',
    came: 'nothing',
    edges,
    figures: edges.flatMap((edge) => figuresOf(edge, from, 'silence')),
  };
  return { ...failing(one, index, difference), seen, steps };
}

function failing(one: Case, passed: number, difference: CaseDifference): CaseResult {
  const nothing = { reason: null, seen: [], steps: [], unconfirmed: [] };
  return { ...nothing, case: one, verdict: 'fail', difference, passed, attempts: 1 };
}
