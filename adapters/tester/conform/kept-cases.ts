/** The failures of a run as files: their sessions as a recording, their cases as a suite. */
import type { StepRecord } from '../../../machines/registration/session/step.js';
import type { Suite } from '../../../machines/registration/sut/suites.js';
import type { PlayedSuite } from './options.js';
import type { ConformReport } from './result.js';

/** The shortest session of each failure, named `difference-1`, `difference-2`, ... */
export function recordedFailures({ failures }: ConformReport): StepRecord[] {
  return failures.flatMap(({ shortest: { steps } }, at) =>
    steps.map((step) => ({ ...step, session: `difference-${at + 1}` })),
  );
}

/** The shortest case of each failure, for another run. */
export function keptCases(report: ConformReport, { inputs }: PlayedSuite): Suite {
  const byId = new Map(report.failures.map(({ shortest }) => [shortest.case.id, shortest.case]));
  const cases = [...byId.values()];
  return {
    suite: 1,
    criterion: report.criterion,
    guarantee: 'repeats the cases in which a server failed, and guarantees nothing more',
    seed: report.seed,
    inputs,
    answers: report.answers,
    cases: cases.length,
    steps: cases.reduce((sum, { steps }) => sum + steps.length, 0),
    [Symbol.iterator]: () => cases[Symbol.iterator](),
  };
}
