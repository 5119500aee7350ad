import { writeFile } from 'node:fs/promises';
import { type Coverage, suiteText } from '../../../machines/index.js';
import { writeCoverage } from '../../coverage/index.js';
import {
  type ConformReport,
  keptCases,
  type PlayedSuite,
  recordedFailures,
} from '../../tester/index.js';
import { UsageError } from '../exit-codes.js';
import type { Output } from '../output.js';
import { conformJunit } from './conform-junit.js';

/** The files that a run writes. */
export interface ConformFiles {
  readonly record?: string;
  readonly keep?: string;
  readonly junit?: string;
  readonly coverage?: string;
}

/**
 * Makes sure that the files can be written before anything is played. What is there already is written over.
 * @throws {UsageError}
 */
export async function conformFiles({ record, keep, junit, coverage }: ConformFiles) {
  for (const path of [record, keep, junit, coverage])
    if (path !== undefined) await write(path, '', 'a');
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
        const steps = recordedFailures(report);
        await write(record, steps.map((step) => `${JSON.stringify(step)}\n`).join(''));
      }
      if (keep !== undefined) await write(keep, [...suiteText(keptCases(report, suite))].join(''));
      if (junit !== undefined) await write(junit, await conformJunit(report));
      if (output.json || failures.length === 0) return;
      if (record !== undefined) output.tell(`\nSee the sessions: ixgate viz ${record}`, null);
      if (keep !== undefined)
        output.tell(`\nPlay them again: ixgate conform ${report.target} --suite ${keep}`, null);
    },
  };
}

async function write(path: string, text: string, flag: 'w' | 'a' = 'w'): Promise<void> {
  try {
    await writeFile(path, text, { flag });
  } catch (cause) {
    throw new UsageError(`${path} cannot be written: ${(cause as Error).message}`, { cause });
  }
}
