import { type Command, Option } from 'commander';
import {
  Coverage,
  type Criterion,
  criteria,
  type FigureClient,
  ServerModel,
  type ServiceAnswer,
  suiteOf,
} from '../../../machines/index.js';
import {
  type ConformOptions,
  type ConformReport,
  conform,
  endpointTarget,
  type PlayedSuite,
} from '../../tester/index.js';
import {
  addTlsOptions,
  durationOption,
  type TlsFlags,
  tlsOptions,
  wholeNumberFrom,
} from '../client-options.js';
import type { CommandContext } from '../context.js';
import { exitCodeHelp, exitCodes, InterruptedError, UsageError } from '../exit-codes.js';
import { Interrupts } from '../interrupts.js';
import type { Output } from '../output.js';
import { type ConformFiles, conformFiles } from './conform-files.js';
import { ConformBars } from './conform-progress.js';
import { tellConform } from './conform-report.js';
import { criterionFrom } from './criterion.js';
import { client } from './figures.js';
import { suiteFrom } from './read-suite.js';

const examples = `
Examples:
  ixgate conform tcp://127.0.0.1:7004
  ixgate conform tcp://gate:7004 --registration-timeout 10s --rejection-timeout 5s --connections 64
  ixgate conform wss://gate:7005 --tls-ca ca.pem --criterion transitions --invalid '{"clientName":"nobody"}'
  ixgate conform tcp://gate:7004 --documented --junit conform.xml --record differences.jsonl --keep differences.suite
  ixgate conform tcp://gate:7004 --suite differences.suite

It opens many connections, most of which are refused, send what is no message, or say nothing: play it against a server that is yours to
test, and one that does not limit this machine (ixgate serve does not limit loopback; others see --exempt).

`;

interface ConformFlags extends TlsFlags, ConformFiles {
  readonly criterion?: Criterion;
  readonly suite?: string;
  readonly seed?: number;
  readonly valid?: FigureClient;
  readonly invalid?: FigureClient;
  readonly registrationTimeout?: number;
  readonly rejectionTimeout?: number;
  readonly measureFor: number;
  readonly answers?: ServiceAnswer;
  readonly connections: number;
  readonly patience: number;
  readonly margin?: number;
  readonly attempts: number;
  readonly longestFrame: number;
  readonly documented?: boolean;
}

/** `ixgate conform`: a suite against a live server. */
export function addConform(program: Command, { output, outcome }: CommandContext): void {
  addTlsOptions(
    program
      .command('conform')
      .description('play a suite of tests made from the chart against any live server')
      .argument('<endpoint>', 'the server: tcp, tls, ws or wss')
      .addOption(
        new Option(
          '--criterion <name>',
          `which suite: ${Object.keys(criteria).join(', ')} (default w1)`,
        ).argParser(criterionFrom),
      )
      .addOption(new Option('--suite <file>', 'a suite file instead').conflicts('criterion'))
      .addOption(
        new Option('--seed <number>', 'of random:N: 0 to 4294967295 (default 1)').argParser(
          wholeNumberFrom('--seed', 0, 4_294_967_295),
        ),
      )
      .addOption(client('--valid <json>', 'a client that the server must find valid'))
      .addOption(
        client('--invalid <json>', 'a client that it must not (default one without a name)'),
      )
      .addOption(
        durationOption(
          '--registration-timeout <duration>',
          "the server's (1ms to 24d; default measured first)",
        ),
      )
      .addOption(
        durationOption(
          '--rejection-timeout <duration>',
          "the server's (1ms to 24d; default measured first)",
        ),
      )
      .addOption(
        durationOption(
          '--measure-for <duration>',
          'how long a timeout is waited for that is measured (1ms to 24d)',
        ).default(60_000, '60s'),
      )
      .addOption(
        new Option(
          '--answers <what>',
          'what the service answers to a registered client (default any, which is not judged; of a suite file what it says)',
        ).choices(['any', 'ack', 'none']),
      )
      .addOption(
        new Option('--connections <number>', 'at once, 1 to 1000')
          .argParser(wholeNumberFrom('--connections', 1, 1_000))
          .default(16),
      )
      .addOption(
        durationOption(
          '--patience <duration>',
          'how long to wait for an answer (1ms to 24d)',
        ).default(2_000, '2s'),
      )
      .addOption(
        durationOption(
          '--margin <duration>',
          'how far off a disconnect may be (1ms to 24d; default a tenth of the shorter timeout, 20ms at least)',
        ),
      )
      .addOption(
        new Option(
          '--attempts <number>',
          'how often a case is played at most where it was too busy here to judge it, 1 to 100',
        )
          .argParser(wholeNumberFrom('--attempts', 1, 100))
          .default(3),
      )
      .addOption(
        new Option(
          '--longest-frame <bytes>',
          'the longest frame that the server takes, 64 to 16777216',
        )
          .argParser(wholeNumberFrom('--longest-frame', 64, 16_777_216))
          .default(65_536),
      )
      .option('--documented', 'only what the documented figures show counts; the rest is listed')
      .option('--record <file>', 'write the shortest session of each difference as a recording')
      .option('--keep <file>', 'write those sessions as a suite, to be played again')
      .option('--junit <file>', 'write JUnit XML')
      .option('--coverage <file>', 'write which states, transitions and pairs were seen'),
  )
    .option('--json', 'write JSON: one object')
    .addHelpText('after', `${examples}${exitCodeHelp()}`)
    .action(async (endpoint: string, flags: ConformFlags) => {
      const target = endpointTarget(endpoint, await tlsOptions(flags));
      const suite = await chosenSuite(flags);
      const files = await conformFiles(flags);
      const stop = new AbortController();
      using _ = new Interrupts(output.io, exitCodes.interrupted.code, (signal) =>
        stop.abort(new InterruptedError(signal)),
      );
      const { valid, invalid, registrationTimeout, rejectionTimeout, answers } = flags;
      const { connections, patience, margin, attempts, longestFrame, documented } = flags;
      const covered = new Coverage();
      const report = await played(output, {
        onStep: (step) => covered.add(step),
        target,
        suite,
        valid,
        invalid,
        registrationTimeout,
        rejectionTimeout,
        longestTimeout: flags.measureFor,
        answers,
        connections,
        patience,
        margin,
        attempts,
        longestFrame,
        documentedOnly: documented,
        signal: stop.signal,
      });
      tellConform(report, output);
      await files.write(report, suite, covered, output);
      outcome.code = report.interrupted
        ? exitCodes.interrupted.code
        : report.held
          ? exitCodes.ok.code
          : exitCodes.differs.code;
    });
}

/** The bars are gone before anything is told. */
async function played({ io }: Output, options: ConformOptions): Promise<ConformReport> {
  using bars = new ConformBars(io.stderr);
  return await conform({ ...options, onProgress: (now) => bars.at(now) });
}

function chosenSuite(flags: ConformFlags): Promise<PlayedSuite> | PlayedSuite {
  const { suite, criterion = 'w1', seed, answers = 'any' } = flags;
  if (suite === undefined) {
    const model = new ServerModel({ answers });
    return suiteOf(model, criterion, { ...(seed !== undefined && { seed }) });
  }
  if (seed !== undefined) throw new UsageError('--seed and --suite exclude each other');
  return suiteFrom(suite);
}
