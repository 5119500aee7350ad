/** Files that tell what of a machine was used: coverage files, suites of the machine, the events of its actors, and recordings. */
import {
  type ActorCoverage,
  chartCoverage,
  isCoverageText,
  parseChartCoverage,
} from '../../machines/engine/coverage/index.js';
import { eventLine, isEventLine, readEvents } from './chart-events.js';
import { readInspectorRecording } from './chart-recording.js';
import { readChartSuite } from './chart-suite.js';
import type { CountedMachine } from './counted-machine.js';
import { readCoverageWith } from './coverage-file.js';
import { emptyFile, foundFiles, unreadableHead } from './found-files.js';
import { objectIn } from './object-lines.js';
import { isRecordedLine } from './recorded-actors.js';

/** Maximum size of a coverage file of a machine in bytes. */
const longest = 64_000_000;

/** A file whose sessions are counted. */
export interface ChartFile {
  readonly path: string;
  readonly kind: 'coverage' | 'suite' | 'events' | 'recording';
  readonly sessions: number;
  readonly steps: number;
}

/**
 * Adds up files of a machine, recognised by their content. In a folder all such files count.
 * @param onProgress called with the bytes read and the total.
 * @throws {FileError} for an unreadable or invalid file, a file of another machine, and a machine that fails at its start.
 */
export async function chartCoverageOfFiles(
  paths: readonly string[],
  counted: CountedMachine,
  onProgress: (read: number, total: number) => void,
): Promise<{ readonly coverage: ActorCoverage; readonly files: readonly ChartFile[] }> {
  const found = await foundFiles(paths, { kindOf, none: 'no file that covers a machine' });
  const total = found.reduce((sum, { size }) => sum + size, 0);
  const coverage = chartCoverage(counted.machine);
  const files: ChartFile[] = [];
  let read = 0;
  for (const { path, kind, size } of found) {
    const own = await readers[kind](path, counted);
    const { sessions, steps } = own.total;
    files.push({ path, kind, sessions, steps });
    coverage.merge(own);
    read += size;
    onProgress(read, total);
  }
  return { coverage, files };
}

type Reader = (path: string, counted: CountedMachine) => Promise<ActorCoverage>;

const readers: Readonly<Record<ChartFile['kind'], Reader>> = {
  coverage: (path, { machine }) =>
    readCoverageWith(path, longest, (text) => parseChartCoverage(text, machine)),
  suite: readChartSuite,
  events: readEvents,
  recording: readInspectorRecording,
};

/** The type of a file, or why it has none. */
function kindOf(head: string): ChartFile['kind'] | { readonly problem: string } {
  if (head.trim() === '') return { problem: emptyFile };
  if (isCoverageText(head)) return 'coverage';
  const [line = ''] = head.trimStart().split('\n', 1);
  const value = objectIn(line);
  if (value !== null && 'suite' in value) return 'suite';
  if (value !== null && isRecordedLine(value)) return 'recording';
  if (value !== null && isEventLine(value)) return 'events';
  const reason = unreadableHead(head, value === null ? 'not a JSON object' : 'another object');
  return {
    problem: `is not a coverage file, a suite, a recording or a list of events (${reason}; expected ${eventLine})`,
  };
}
