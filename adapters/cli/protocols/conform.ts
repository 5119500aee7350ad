import type { Criterion } from '../../../machines/engine/testgen/criteria.js';
import type { Case } from '../../../machines/engine/testgen/suite.js';
import { SuiteReader } from '../../../machines/engine/testgen/suite-file.js';
import { suiteOf } from '../../../machines/engine/testgen/suite-of.js';
import {
  type ChosenProtocol,
  conformProtocol,
  type ProtocolReport,
  protocolRun,
  renderDifference,
  renderProtocolReport,
} from '../../tester/protocols/index.js';
import { type TlsFlags, tlsOptions } from '../client-options.js';
import type { CommandContext } from '../context.js';
import { exitCodes, InterruptedError, UsageError } from '../exit-codes.js';
import { Interrupts } from '../interrupts.js';
import { linesOf, withReasons } from '../testing/read-suite.js';
import { writeResult } from '../testing/write-result.js';
import { protocolJunit } from './junit.js';
import { type ProtocolFlags, protocolFrom } from './protocol-options.js';

export interface ConformFlags extends ProtocolFlags, TlsFlags {
  readonly criterion?: Criterion;
  readonly suite?: string;
  readonly seed?: number;
  readonly connections: number;
  readonly responseTimeout: number;
  readonly margin?: number;
  readonly attempts: number;
  readonly junit?: string;
}

/** `ixgate conform --protocol`: plays the figures and a suite, and judges the statements of the specification. */
export async function conformToProtocol(
  endpoint: string,
  flags: ConformFlags,
  context: CommandContext,
): Promise<number> {
  const { output } = context;
  const { paint } = output;
  const { suite: file, junit, connections, attempts, responseTimeout, margin } = flags;
  const read = file === undefined ? null : await suiteFrom(file, flags, context);
  const chosen = read?.chosen ?? (await protocolFrom(flags, context, { isLive: true }));
  const { live, model, choices } = chosen;
  const suite = read?.cases ?? generated(chosen, flags);
  const tls = await tlsOptions(flags);
  if (junit !== undefined) await writeResult(junit, '', 'a');
  const run = protocolRun(live, choices, { endpoint, tls, responseTimeout, margin });
  const stop = new AbortController();
  using _ = new Interrupts(output.io, exitCodes.interrupted.code, (signal) =>
    stop.abort(new InterruptedError(signal)),
  );
  const results: { id: string; passed: boolean; difference: string | null }[] = [];
  const report = await conformProtocol(run, {
    suite,
    connections,
    attempts,
    signal: stop.signal,
    onCase({ id, steps }, failure) {
      const inputs = steps.map(({ input }) => input);
      const difference = failure && renderDifference(inputs, failure);
      results.push({ id, passed: failure === null, difference });
      if (output.json) return;
      const text = difference === null ? id : `${id}\n      ${paint.red(difference)}`;
      output.tell(`${failure ? paint.red('FAIL') : paint.green('pass')}  ${text}`, null);
    },
  });
  const heading = [endpoint, live.protocol.title, ...settingsOf(chosen)].join(', ');
  output.tell(`\n${paint.bold(heading)}\n\n${renderProtocolReport(report, paint)}`.trimEnd(), {
    target: endpoint,
    settings: model.settings,
    ...json(report),
    results,
  });
  if (junit !== undefined) await writeResult(junit, await protocolJunit(heading, report, results));
  return report.passed === report.cases ? exitCodes.ok.code : exitCodes.failed.code;
}

function generated(
  { model }: ChosenProtocol,
  { criterion = 'w1', seed }: ConformFlags,
): Iterable<Case> {
  return suiteOf(model, criterion, { ...(seed !== undefined && { seed }) });
}

/** The cases of a suite file, and the protocol with the settings of the file. */
async function suiteFrom(path: string, flags: ConformFlags, context: CommandContext) {
  if (flags.seed !== undefined) throw new UsageError('--seed and --suite cannot be combined');
  if (flags.setting)
    throw new UsageError('--setting and --suite cannot be combined: the file has the settings');
  const { live } = await protocolFrom(flags, context);
  const { names, settings } = live.protocol;
  const cases: Case[] = [];
  const header = await withReasons(path, async () => {
    const read = await new SuiteReader(names).read(linesOf(path));
    for await (const one of read.cases) cases.push(one);
    return read.header as Readonly<Record<string, unknown>>;
  });
  const given = Object.keys(settings).map((name) => [name, String(header[name])] as const);
  return {
    cases,
    chosen: await protocolFrom(flags, context, {
      isLive: true,
      settings: Object.fromEntries(given),
    }),
  };
}

/** The settings without the name of the protocol: `version 5`. */
function settingsOf({ live: { protocol }, model: { settings } }: ChosenProtocol): string[] {
  return Object.keys(protocol.settings).map((name) => `${name} ${settings[name]}`);
}

function json({ statements, others, ...report }: ProtocolReport) {
  return {
    ...report,
    statements: statements.map(({ statement: { id, sentence }, verdict, failed, shortest }) => ({
      id,
      sentence,
      verdict,
      failed,
      shortest,
    })),
    others,
  };
}
