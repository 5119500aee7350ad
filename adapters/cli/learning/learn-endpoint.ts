/** `ixgate learn ENDPOINT`: the machine of a live server. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { differencesOf } from '../../../machines/engine/learning/differences.js';
import { machineText } from '../../../machines/engine/learning/formats.js';
import type { LearnEnd } from '../../../machines/engine/learning/learn.js';
import type { LearnedFile } from '../../../machines/engine/learning/learned-file.js';
import {
  BudgetError,
  NondeterministicError,
} from '../../../machines/engine/learning/learning-errors.js';
import { type FigureClients, figureClients } from '../../../machines/registration/figures/play.js';
import { witnessSuite } from '../../../machines/registration/learning/witness-suite.js';
import { recordingText } from '../../../machines/registration/session/recording.js';
import { unreadable } from '../../files/file-error.js';
import { duration, InvalidValueError } from '../../runtime/quantities.js';
import {
  type LearnServerOptions,
  learnServer,
  registrationOf,
  type Subject,
  subjectOf,
} from '../../tester/learning/learn-server.js';
import { learnedText, readLearned } from '../../tester/learning/learned-files.js';
import { recordWitnesses } from '../../tester/learning/record-witnesses.js';
import { loadMapper } from '../../tester/protocols/load-protocol.js';
import { tlsOptions } from '../client-options.js';
import type { CommandContext } from '../context.js';
import { asUsageError, exitCodes, exitOf, InterruptedError, UsageError } from '../exit-codes.js';
import { Interrupts } from '../interrupts.js';
import { protocolFrom } from '../protocols/protocol-options.js';
import { writeResult } from '../testing/write-result.js';
import type { LearnFlags } from './learn-flags.js';
import { LearnProgressBar } from './learn-progress.js';
import { learnedReport } from './learned-report.js';

/** @returns the exit code */
export async function learnEndpoint(
  endpoint: string,
  flags: LearnFlags,
  context: CommandContext,
): Promise<number> {
  const { output } = context;
  const { out, keep, record, format, oracle, extraStates, seed, horizon, tolerance } = flags;
  const budget = budgetOf(flags.budget);
  const known = flags.known === undefined ? [] : await knownMachines(flags.known);
  for (const path of [out, keep, record]) if (path !== undefined) await writeResult(path, '', 'a');
  const tree = flags.tree ?? (out === undefined ? undefined : `${out}.tree`);
  const stop = new AbortController();
  using _ = new Interrupts(output.io, exitCodes.interrupted.code, (signal) =>
    stop.abort(new InterruptedError(signal)),
  );
  using __ = timeBudget(budget.time, stop);
  const tls = await tlsOptions(flags);
  const subject = await subjectFrom(endpoint, { ...flags, tls, signal: stop.signal }, context);
  using bar = new LearnProgressBar(output.io.stderr);
  const options: LearnServerOptions = {
    ...{ endpoint, tls, subject, tree, oracle, extraStates, seed, horizon, tolerance },
    ...{ connections: flags.connections, maxConnections: budget.connections },
    maxStates: flags.maxStates,
    signal: stop.signal,
    known: known.map(({ file }) => file.machine),
    onProgress: (progress) => bar.at(progress),
  };
  const { file, result } = await learnServer(options);
  bar[Symbol.dispose]();
  const { end } = result;
  if (out !== undefined) await writeResult(out, learnedText(file));
  const suite = witnessSuite(file, file.differences);
  if (keep !== undefined) await writeResult(keep, suite ?? '');
  if (record !== undefined) {
    const steps = await recordWitnesses(file, { tls, clients: clientsOf(flags) });
    await writeResult(record, recordingText(steps));
  }
  const same = known.filter(({ file: other }) => isSame(file, other)).map(({ path }) => path);
  if (format !== undefined) output.io.stdout.write(machineText(file.machine, format));
  else {
    const report = learnedReport(file, output.paint);
    const notes = [
      ...same.map((path) => `It behaves like ${path}.`),
      ...(out === undefined ? [] : [`written to ${out}`]),
      ...(keep === undefined || suite === null
        ? []
        : [`Play the differences again: ixgate conform ${endpoint} --suite ${keep}`]),
      ...(record === undefined || suite === null ? [] : [`See them: ixgate viz ${record}`]),
      ...(end === null || tree === undefined
        ? []
        : [`To go on, run the same command: ${tree} has the plays.`]),
    ];
    const ladders = end instanceof NondeterministicError ? nondeterministicPlays(end) : [];
    output.tell([report, ...ladders, ...notes].join('\n'), {
      ...file,
      ...{ known: same, end: endText(end), inputs: result.inputs },
      ...{ discarded: result.discarded, repairs: result.repairs },
    });
  }
  return exitCodeOf(end, file, stop.signal);
}

interface SubjectFlags extends LearnFlags {
  readonly tls: Awaited<ReturnType<typeof tlsOptions>>;
  readonly signal: AbortSignal;
}

async function subjectFrom(
  endpoint: string,
  { signal, tls, ...flags }: SubjectFlags,
  context: CommandContext,
): Promise<Subject> {
  const { protocol, mapper: file } = flags;
  if (file !== undefined) {
    context.outcome.endsProcess = true;
    const mapper = await loadMapper(file, process.cwd());
    const choices = { settings: flags.setting, timers: flags.timer, values: flags.value ?? {} };
    return asUsageError(() => subjectOf(file, mapper, choices));
  }
  if (protocol !== undefined) {
    const { live, choices } = await protocolFrom(flags, context, { isLive: true });
    return subjectOf(protocol, live, choices);
  }
  const { registrationTimeout, rejectionTimeout, measureFor } = flags;
  return await registrationOf({
    ...{ endpoint, tls, registrationTimeout, rejectionTimeout, measureFor, signal },
    clients: clientsOf(flags),
    longestFrame: flags.longestFrame,
  });
}

function clientsOf({ valid, invalid }: LearnFlags): FigureClients {
  return { valid: valid ?? figureClients.valid, invalid: invalid ?? figureClients.invalid };
}

/** @throws {FileError} for a folder that cannot be read, and for a file in it that is not a learned machine */
async function knownMachines(folder: string) {
  const names = await readdir(folder).catch((cause) => {
    throw unreadable(folder, cause);
  });
  const paths = names.filter((name) => name.endsWith('.json')).map((name) => join(folder, name));
  if (paths.length === 0) {
    throw new UsageError(
      `--known ${folder} has no .json file; expected files of ixgate learn --out`,
    );
  }
  return await Promise.all(
    paths.sort().map(async (path) => ({ path, file: await readLearned(path) })),
  );
}

function isSame(one: LearnedFile, other: LearnedFile): boolean {
  const tolerance = Math.max(one.tolerance, other.tolerance);
  return differencesOf(other.machine, one.machine, tolerance).length === 0;
}

/** @throws {UsageError} */
function budgetOf(text: string | undefined): {
  readonly connections?: number;
  readonly time?: { readonly text: string; readonly milliseconds: number };
} {
  if (text === undefined) return {};
  if (/^[1-9]\d{0,8}$/.test(text)) return { connections: Number(text) };
  try {
    return { time: { text, milliseconds: duration(text, { min: '1s', max: '24d' }) } };
  } catch (error) {
    if (!(error instanceof InvalidValueError)) throw error;
    throw new UsageError(
      `--budget is ${JSON.stringify(text)}; allowed: a number of connections, e.g. 500, or a time from 1s to 24d, e.g. 5m`,
    );
  }
}

function timeBudget(
  time: { readonly text: string; readonly milliseconds: number } | undefined,
  stop: AbortController,
): Disposable {
  const timer = time && setTimeout(() => stop.abort(new BudgetError(time.text)), time.milliseconds);
  return { [Symbol.dispose]: () => clearTimeout(timer) };
}

function nondeterministicPlays({ plays }: NondeterministicError): string[] {
  return plays.flatMap(({ steps }, index) => [
    `Play ${index + 1}`,
    ...steps.map(
      ({ input, output, at }) => `  ${Math.round(at)} ms  ${input}  ${output || 'nothing'}`,
    ),
    '',
  ]);
}

function endText(end: LearnEnd): string | null {
  return end instanceof Error ? end.message : end;
}

function exitCodeOf(end: LearnEnd, file: LearnedFile, signal: AbortSignal): number {
  if (signal.reason instanceof InterruptedError) return exitCodes.interrupted.code;
  if (end instanceof Error && 'code' in end) return exitCodes[exitOf(end)].code;
  return end === null && file.differences.length === 0 ? exitCodes.ok.code : exitCodes.failed.code;
}
