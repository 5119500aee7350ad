import { type Command, Option } from 'commander';
import {
  type CheckOptions,
  type CheckResult,
  checkBounds,
  checkRegistration,
  type PropertyResult,
} from '../../../machines/registration/product/check.js';
import {
  checkOptionsFor,
  type SeededFault,
  seededFaults,
} from '../../../machines/registration/product/faults.js';
import { findCheckedProperty } from '../../../machines/registration/product/properties.js';
import { replayCounterexample } from '../../../machines/registration/product/replay.js';
import { recordingText } from '../../../machines/registration/session/recording.js';
import { formatRow, type TextColumn, widestOf } from '../../runtime/text-table.js';
import { renderCounterexample } from '../../tester/index.js';
import { addChartCheckOptions, checkForChart } from '../charts/check-options.js';
import { refuseWithoutMachine } from '../charts/model-options.js';
import { wholeNumberFrom } from '../client-options.js';
import type { CommandContext } from '../context.js';
import { asUsageError, exitCodeHelp, exitCodes, UsageError } from '../exit-codes.js';
import { type Output, rounded } from '../output.js';
import {
  addProtocolOptions,
  isForProtocol,
  type ProtocolFlags,
} from '../protocols/protocol-options.js';
import { progressOf } from './progress.js';
import { writeResult } from './write-result.js';

const ids = seededFaults.map(({ id }) => id);

const examples = `
Examples:
  ixgate check
  ixgate check --bound 4
  ixgate check --fault stray-ack-stops-clock --record counterexample.jsonl
  ixgate check --faults
  ixgate check --machine ./light.ts --never dark --leads-to red,green
  ixgate check --protocol mqtt-connect

The checker explores every behaviour of a server and a client, in every order: messages in transit, expired timers, lost and closed
connections. For a violated property it shows the shortest session that violates it.

`;

interface CheckFlags {
  readonly bound: number;
  readonly record?: string;
  readonly fault?: SeededFault;
  readonly faults?: boolean;
  readonly machine?: string;
}

/** `ixgate check`: proves properties of the chart, and checks the proof with seeded faults. */
export function addCheck(command: Command, context: CommandContext): void {
  const { output, outcome } = context;
  addProtocolOptions(addChartCheckOptions(command), false)
    .addOption(
      new Option(
        '--bound <n>',
        `maximum messages in transit in each direction (${checkBounds.min} to ${checkBounds.max})`,
      )
        .argParser(wholeNumberFrom('--bound', checkBounds.min, checkBounds.max))
        .default(checkBounds.usual),
    )
    .option(
      '--record <file>',
      'write each counterexample as a recording of two sessions; overwrites an existing file',
    )
    .addOption(
      new Option(
        '--fault <id>',
        `check a chart or a seat with this fault instead: ${ids.join(', ')}`,
      ).argParser(faultFrom),
    )
    .addOption(
      new Option('--faults', 'check every fault, and show that it is found').conflicts([
        'fault',
        'record',
      ]),
    )
    .option('--json', 'write JSON: one object, or with --faults one for each fault')
    .addHelpText('after', `${examples}${exitCodeHelp()}`)
    .action(async (flags: CheckFlags & ProtocolFlags) => {
      if (isForProtocol(command, ['json'])) {
        const { checkProtocolCommand } = await import('../protocols/check.js');
        outcome.code = await checkProtocolCommand(flags, context);
        return;
      }
      if (flags.machine !== undefined) {
        outcome.code = await checkForChart(command, flags, context);
        return;
      }
      refuseWithoutMachine(command, ['always', 'never', 'eventually', 'leadsTo', 'due']);
      const all = flags.faults ? checkFaults(flags.bound, output) : await check(flags, output);
      outcome.code = all ? exitCodes.ok.code : exitCodes.failed.code;
    });
}

/** @returns whether every property holds. */
async function check({ bound, fault, record }: CheckFlags, output: Output): Promise<boolean> {
  const options: CheckOptions = { bound, ...(fault && checkOptionsFor(fault)) };
  const { seconds, ...result } = timed(output, options);
  const broken = result.results.filter(({ counterexample }) => counterexample !== null);
  const recorded = record === undefined ? null : await save(record, broken, options, fault);
  output.tell(
    [
      ...(fault ? [`${output.paint.bold(fault.id)}  ${fault.sentence}`, ''] : []),
      sizeOf(result, seconds),
      '',
      ...result.results.map((one) => describeResult(one, output)),
      '',
      summary(result.results.length, broken.length, output),
      ...(recorded === null ? [] : [recordedLine(recorded, record)]),
    ].join('\n'),
    {
      ...(fault && { fault: fault.id }),
      ...result,
      seconds: rounded(seconds),
      ...(recorded !== null && { recorded: recorded > 0 ? record : null }),
    },
  );
  return broken.length === 0;
}

/** @returns whether each fault violates its property. */
function checkFaults(bound: number, output: Output): boolean {
  const columns: TextColumn[] = [
    { width: 6 },
    { width: widestOf(ids) },
    { width: 10 },
    { width: 8, align: 'right' },
  ];
  const outcomes = seededFaults.map((fault) => {
    const { seconds, results, states } = timed(output, { bound, ...checkOptionsFor(fault) });
    const { id, breaks, sentence } = fault;
    const found = results.find((result) => result.id === breaks)?.counterexample ?? null;
    const broken = results.flatMap((one) => (one.counterexample ? [one.id] : []));
    const verdict = found ? output.paint.green('found ') : output.paint.red('MISSED');
    const steps = found ? `${found.steps.length} steps` : '';
    output.tell(
      formatRow([verdict, id, breaks, steps, findCheckedProperty(breaks).name], columns),
      {
        fault: id,
        sentence,
        breaks,
        isFound: found !== null,
        steps: found?.steps.length ?? null,
        broken,
        states,
        seconds: rounded(seconds),
      },
    );
    return found !== null;
  });
  const found = outcomes.filter(Boolean).length;
  if (!output.json) output.tell(`\n${found} of ${seededFaults.length} found`, null);
  return found === seededFaults.length;
}

function timed(
  { io: { stderr } }: Output,
  options: CheckOptions,
): CheckResult & { readonly seconds: number } {
  const progress = progressOf('states', stderr);
  const startedAt = performance.now();
  try {
    const result = asUsageError(() =>
      checkRegistration({ ...options, onProgress: (states) => progress.at(states) }),
    );
    return { ...result, seconds: (performance.now() - startedAt) / 1_000 };
  } finally {
    progress.end();
  }
}

function sizeOf({ bound, states, transitions }: CheckResult, seconds: number): string {
  const many = (count: number) => count.toLocaleString('en-US');
  const messages = bound === 1 ? 'one message' : `${bound} messages`;
  return `${many(states)} states and ${many(transitions)} transitions in ${seconds.toFixed(1)} s, at most ${messages} in transit in each direction`;
}

function describeResult(
  { id, sentence, counterexample }: PropertyResult,
  { paint }: Output,
): string {
  const line = (verdict: string) =>
    formatRow([verdict, paint.bold(id), sentence], [{ width: 8 }, { width: 10 }]);
  if (!counterexample) return line(paint.green('holds'));
  const ladder = renderCounterexample(counterexample, paint).trimEnd();
  return `${line(paint.red('VIOLATED'))}\n\n${ladder}\n`;
}

function summary(all: number, broken: number, { paint }: Output): string {
  const text = `${all - broken} of ${all} properties hold`;
  return broken === 0 ? paint.green(text) : paint.red(text);
}

function recordedLine(sessions: number, file?: string): string {
  if (sessions === 0) return 'nothing was recorded: there is no counterexample';
  return `recorded in ${file}: ${sessions} sessions; see them with ixgate viz ${file}`;
}

/** @returns the number of recorded sessions. Without any, no file is written. */
async function save(
  path: string,
  broken: readonly PropertyResult[],
  options: CheckOptions,
  fault: SeededFault | undefined,
): Promise<number> {
  const steps = broken.flatMap(({ id, counterexample }) => {
    const name = fault ? `${fault.id}-${id}` : id;
    return counterexample ? replayCounterexample(counterexample, name, options).steps : [];
  });
  if (steps.length === 0) return 0;
  await writeResult(path, recordingText(steps));
  return new Set(steps.map(({ session }) => session)).size;
}

function faultFrom(id: string): SeededFault {
  const found = seededFaults.find((fault) => fault.id === id);
  if (found) return found;
  throw new UsageError(`unknown fault ${JSON.stringify(id)}; allowed: ${ids.join(', ')}`);
}
