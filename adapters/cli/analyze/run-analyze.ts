import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exitCodes, UsageError } from '../exit-codes.js';
import { type Interrupt, Interrupts } from '../interrupts.js';
import type { Output } from '../output.js';
import { type Filter, filterFrom } from './filters.js';
import type { AnalyzeFlags } from './flags.js';
import { listFindings } from './list-findings.js';
import { listSessions } from './list-sessions.js';
import { openPage } from './open-page.js';
import { type Found, many } from './read-text.js';
import { Reading, ReadingStopped } from './reading.js';
import { recordSessions } from './record-sessions.js';
import { showSession } from './show-session.js';
import { showSummary } from './show-summary.js';
import { wantedSessions } from './wanted-sessions.js';

/** Runs `ixgate analyze`. @returns the exit code. */
export async function runAnalyze(
  paths: readonly string[],
  flags: AnalyzeFlags,
  output: Output,
): Promise<number> {
  mustFit(flags);
  const filter = filterFrom(flags);
  const reading = await Reading.open(paths, flags, output.io);
  const findings = await shown(reading, filter, flags, output).then(
    (found) => found.findings,
    (error: unknown) => {
      if (error instanceof ReadingStopped) return 0;
      throw error;
    },
  );
  return flags.strict && findings > 0 ? exitCodes.internal.code : exitCodes.ok.code;
}

/** The options that select an output. */
const outputs = ['session', 'summary', 'findings', 'record', 'open', 'follow'] as const;
const together = new Set(['session record', 'session open', 'record open', 'findings follow']);

/** @throws {UsageError} for options that cannot be combined. */
function mustFit(flags: AnalyzeFlags): void {
  const given = outputs.filter((name) => flags[name] !== undefined);
  for (const [index, name] of given.entries()) {
    const other = given.slice(index + 1).find((next) => !together.has(`${name} ${next}`));
    if (other) throw new UsageError(`--${name} and --${other} cannot be combined; choose one`);
  }
  if (flags.force && flags.record === undefined) {
    throw new UsageError('--force requires --record');
  }
  const isRecorded = flags.record !== undefined || flags.open === true;
  const filters = ['client', 'type', 'verdict', 'since', 'until', 'where'] as const;
  const filtered = filters.find((name) => flags[name] !== undefined);
  if (flags.session !== undefined && !isRecorded && filtered) {
    throw new UsageError(
      `--session and --${filtered} cannot be combined: --session selects one session`,
    );
  }
}

async function shown(
  reading: Reading,
  filter: Filter | null,
  flags: AnalyzeFlags,
  output: Output,
): Promise<Found> {
  const { session, summary, findings, record, open, follow = false } = flags;
  if (open) return opened(reading, recorded(filter, session), flags, output);
  if (record !== undefined) {
    const isForced = flags.force === true;
    return tellRecorded(
      await recordSessions(reading, recorded(filter, session), record, isForced),
      output,
    );
  }
  if (session !== undefined) return showSession(reading, session, output);
  if (summary) return showSummary(reading, filter, output);
  if (follow) return followed(reading, filter, flags, output);
  const isWanted = findings ? await wantedForFindings(reading, filter) : null;
  if (findings && !output.json) return listFindings(reading, isWanted, false, output);
  const findingsOf = findings ? (isWanted ?? all) : null;
  // A filter keeps the day of its first session, so each reading needs its own.
  return listSessions(reading, { filter: filterFrom(flags), follow, findingsOf }, output);
}

const all = () => true;

async function wantedForFindings(reading: Reading, filter: Filter | null) {
  return filter && wantedSessions(reading, filter, '--findings with a filter');
}

/** With `--record`, `--session` is a further condition. */
function recorded(filter: Filter | null, session: string | undefined): Filter | null {
  if (session === undefined) return filter;
  return (fields) =>
    // The filter must see each session, because it keeps the first.
    (!filter || filter(fields)) && (fields.session === session || fields.client === session);
}

async function followed(
  reading: Reading,
  filter: Filter | null,
  { findings }: AnalyzeFlags,
  output: Output,
): Promise<Found> {
  if (filter && findings) {
    throw new UsageError('--findings with a filter reads the logs twice, which --follow cannot do');
  }
  using _interrupts = new Interrupts(output.io, exitCodes.interrupted.code, () => reading.stop());
  // Awaited here because the signal handlers are removed at the end of this function.
  if (findings && !output.json) return await listFindings(reading, null, true, output);
  // A finding comes before the result of its session, so a filter cannot select findings.
  return await listSessions(
    reading,
    { filter, follow: true, findingsOf: filter ? null : all },
    output,
  );
}

async function opened(
  reading: Reading,
  filter: Filter | null,
  { record, force }: AnalyzeFlags,
  output: Output,
): Promise<Found> {
  let interrupt: (signal: Interrupt) => void = () => {};
  const interrupted = new Promise<Interrupt>((resolve) => {
    interrupt = resolve;
  });
  using _interrupts = new Interrupts(output.io, exitCodes.interrupted.code, (signal) => {
    reading.stop();
    interrupt(signal);
  });
  const folder = record === undefined ? await mkdtemp(join(tmpdir(), 'ixgate-analyze-')) : null;
  try {
    const path = record ?? join(folder ?? '', 'analyzed.jsonl');
    const found = await recordSessions(reading, filter, path, force === true);
    if (record !== undefined) tellRecorded(found, output);
    await openPage(path, interrupted, output);
    return found;
  } finally {
    if (folder !== null) await rm(folder, { recursive: true, force: true });
  }
}

function tellRecorded<Recorded extends Found & { path: string; steps: number }>(
  found: Recorded,
  output: Output,
): Recorded {
  const { path, steps, matched, findings, sessions } = found;
  output.tell(`${many(steps, 'step')} of ${many(matched, 'session')} written to ${path}`, {
    type: 'recorded',
    written: path,
    steps,
    matched,
    sessions,
    findings,
  });
  return found;
}
