import { suiteText } from '../../../machines/engine/testgen/suite-file.js';
import type { Coverage } from '../../../machines/registration/session/coverage.js';
import { recordingText } from '../../../machines/registration/session/recording.js';
import { writeCoverage } from '../../coverage/index.js';
import {
  type ConformReport,
  keptCases,
  type PlayedSuite,
  recordedFailures,
} from '../../tester/index.js';
import type { Output } from '../output.js';
import { conformJunit } from './conform-junit.js';
import { writeResult } from './write-result.js';

/** Paths of the files that a run writes. */
export interface ConformFiles {
  readonly record?: string;
  readonly keep?: string;
  readonly junit?: string;
  readonly coverage?: string;
}

/**
 * Checks that the files can be written before the run. Existing files are overwritten.
 * @throws {UsageError}
 */
export async function conformFiles({ record, keep, junit, coverage }: ConformFiles) {
  for (const path of [record, keep, junit, coverage])
    if (path !== undefined) await writeResult(path, '', 'a');
  return {
    async write(
      report: ConformReport,
      suite: PlayedSuite,
      covered: Coverage,
      output: Output,
    ): Promise<void> {
      const { failures } = report;
      if (coverage !== undefined) await writeCoverage(coverage, covered);
      if (record !== undefined) {
        await writeResult(record, recordingText(recordedFailures(report)));
      }
      if (keep !== undefined)
        await writeResult(keep, [...suiteText(keptCases(report, suite))].join(''));
      if (junit !== undefined) await writeResult(junit, await conformJunit(report));
      if (output.json || failures.length === 0) return;
      if (record !== undefined) output.tell(`\nSee the sessions: ixgate viz ${record}`, null);
      if (keep !== undefined)
        output.tell(`\nPlay them again: ixgate conform ${report.target} --suite ${keep}`, null);
    },
  };
}
