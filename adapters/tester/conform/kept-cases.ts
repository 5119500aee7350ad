/** The failures of a run as files: their sessions as a recording, their cases as a suite. */
import type { StepRecord } from '../../../machines/registration/session/step.js';
import { type Suite, suiteWith } from '../../../machines/registration/sut/suites.js';
import type { PlayedSuite } from './options.js';
import type { CaseResult, ConformReport } from './result.js';

/** The shortest session of each failure, named `difference-1`, `difference-2`, ... */
export function recordedFailures({ failures }: ConformReport): StepRecord[] {
  return recordedCases(failures.map(({ shortest }) => shortest));
}

/** The sessions of cases, named `difference-1`, `difference-2`, ... */
export function recordedCases(results: readonly Pick<CaseResult, 'steps'>[]): StepRecord[] {
  return results.flatMap(({ steps }, at) =>
    steps.map((step) => ({ ...step, session: `difference-${at + 1}` })),
  );
}

/** The shortest case of each failure, for another run. */
export function keptCases(report: ConformReport, { inputs }: PlayedSuite): Suite {
  const { failures, criterion, seed, answers } = report;
  const byId = new Map(failures.map(({ shortest }) => [shortest.case.id, shortest.case]));
  const guarantee = 'repeats the cases in which a server failed, and guarantees nothing more';
  return suiteWith([...byId.values()], { criterion, guarantee, seed, inputs, answers });
}
