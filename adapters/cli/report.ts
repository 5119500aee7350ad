import { writeFile } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import type { Command } from 'commander';
import { type RecordedSession, sessionsOf } from '../../machines/registration/session/recording.js';
import { verdictSentence } from '../../machines/registration/session/verdict.js';
import { visible } from '../../machines/text/format.js';
import { readRecording, reportOf } from '../web/index.js';
import type { CommandContext } from './context.js';
import { exitCodeHelp, exitCodes, UsageError } from './exit-codes.js';
import { missingLines, missingSteps } from './missing.js';
import type { Output } from './output.js';

const examples = `
Examples:
  ixgate report session.jsonl
  ixgate report monday.jsonl --session 3f2a9c11-7 --out desk-1.html

The report opens from disk in any browser, without a server and without a network, and can be mailed.

`;

interface ReportFlags {
  readonly session?: string;
  readonly out?: string;
}

/** `ixgate report`: one session of a recording as one HTML file. */
export function addReport(command: Command, { output, outcome }: CommandContext): void {
  command
    .argument('<file>', 'recording: one step record a line, as JSON')
    .option('--session <id>', 'session id (default the only session)')
    .option(
      '--out <file>',
      'output file; an existing file is overwritten (default the name of the recording with .html, in the working directory)',
    )
    .option('--json', 'write JSON')
    .addHelpText('after', `${examples}${exitCodeHelp()}`)
    .action(async (path: string, flags: ReportFlags) => {
      outcome.code = await report(path, flags, output);
    });
}

async function report(
  path: string,
  { session, out }: ReportFlags,
  output: Output,
): Promise<number> {
  const recording = await readRecording(path);
  const sessions = sessionsOf(recording.steps, recording.gaps);
  const [id, { summary, steps, gaps }] = chosen(sessions, session, path);
  const target = out ?? `${basename(path, extname(path))}.html`;
  await save(target, await reportOf(steps, gaps), out !== undefined);
  const sentence = visible(`${id}: ${verdictSentence(summary)}`);
  output.tell(`${missingLines(recording)}${sentence}\nwritten to ${target}`, {
    written: target,
    session: id,
    verdict: summary.verdict,
    steps: steps.length,
    torn: recording.torn,
    missing: missingSteps(recording),
  });
  return exitCodes.ok.code;
}

function chosen(
  sessions: ReadonlyMap<string, RecordedSession>,
  wanted: string | undefined,
  path: string,
): [string, RecordedSession] {
  const entries = [...sessions];
  if (entries.length === 0) throw new UsageError(`${path}: no sessions found`);
  const [only] = entries;
  if (wanted === undefined && only && entries.length === 1) return only;
  const found = entries.find(([id]) => id === wanted);
  if (found) return found;
  const problem =
    wanted === undefined
      ? `${path} has ${entries.length} sessions; choose one with --session`
      : `${path}: unknown session ${JSON.stringify(wanted)}; allowed`;
  throw new UsageError(`${problem}: ${listed(entries)}`);
}

/** The sessions with their names, shortened for an error message. */
function listed(entries: readonly (readonly [string, RecordedSession])[]): string {
  const max = 20;
  const names = entries
    .slice(0, max)
    .map(([id, { summary }]) => `${id} (${summary.clientName || 'no name'}, ${summary.verdict})`);
  const more = entries.length - max;
  return more > 0 ? `${names.join(', ')} and ${more} more` : names.join(', ');
}

async function save(path: string, text: string, over: boolean): Promise<void> {
  try {
    await writeFile(path, text, { flag: over ? 'w' : 'wx' });
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new UsageError(
      code === 'EEXIST'
        ? `${path} already exists; overwrite it with --out ${path}, or choose another name`
        : `${path} cannot be written: ${message}`,
      { cause },
    );
  }
}
