import type { ProtocolFigure } from '../../../machines/engine/kit/definition.js';
import { type CaseFailure, playCase } from '../../../machines/engine/playing/play-suite.js';
import type { Case } from '../../../machines/engine/testgen/suite.js';
import { caseIdOf } from '../../../machines/engine/testgen/suite.js';
import { NotReachableError } from '../errors.js';
import { type ChosenProtocol, type ProtocolRun, unplayable } from './protocol-run.js';

/** The outcome of a figure that was played. */
export interface FigureOutcome {
  readonly figure: ProtocolFigure;
  /** `not played`: an input needs a value, or the length of a timer, that was not stated. */
  readonly verdict: 'pass' | 'fail' | 'not played';
  /** Why it was not played; null when it was. */
  readonly reason: string | null;
  readonly failure: CaseFailure | null;
  /** Milliseconds. */
  readonly elapsed: number;
}

/**
 * Plays a figure against a live server.
 * @throws {NotReachableError}
 */
export async function playProtocolFigure(
  run: ProtocolRun,
  figure: ProtocolFigure,
): Promise<FigureOutcome> {
  const inputs = figure.steps.map(({ input }) => input);
  const reason = unplayable(run, inputs);
  if (reason !== null) return { figure, verdict: 'not played', reason, failure: null, elapsed: 0 };
  const from = performance.now();
  const { failure } = await playCase(figureCase(run, figure), run.server);
  if (failure?.error instanceof NotReachableError) throw failure.error;
  const elapsed = performance.now() - from;
  return { figure, verdict: failure ? 'fail' : 'pass', reason: null, failure, elapsed };
}

/** A figure as a case: its own outputs, and the states of the model. */
function figureCase({ model }: ChosenProtocol, { steps }: ProtocolFigure): Case {
  const inputs = steps.map(({ input }) => input);
  const expected = model.expect(inputs);
  return {
    id: caseIdOf(inputs),
    steps: expected.map((step, at) => ({ ...step, output: steps[at]?.output ?? '' })),
  };
}
