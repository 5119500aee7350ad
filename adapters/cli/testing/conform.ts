import { type Command, Option } from 'commander';
import { type Criterion, criteria } from '../../../machines/engine/testgen/criteria.js';
import { suiteOf } from '../../../machines/engine/testgen/suite-of.js';
import type { FigureClient } from '../../../machines/registration/figures/play.js';
import { Coverage } from '../../../machines/registration/session/coverage.js';
import type { ServiceAnswer } from '../../../machines/registration/sut/inputs.js';
import { ServerModel } from '../../../machines/registration/sut/server-model.js';
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
import {
  addProtocolOptions,
  isForProtocol,
  type ProtocolFlags,
} from '../protocols/protocol-options.js';
import { type ConformFiles, conformFiles } from './conform-files.js';
import { ConformBars } from './conform-progress.js';
import { tellConform } from './conform-report.js';
import { criterionFrom } from './criterion.js';
import { clientOption } from './figures.js';
import { suiteFrom } from './read-suite.js';
import { connectionsOption, longestFrameOption, measureForOption } from './server-options.js';

const examples = `
Examples:
  ixgate conform tcp://127.0.0.1:7004
  ixgate conform tcp://gate:7004 --registration-timeout 10s --rejection-timeout 5s --connections 64
  ixgate conform wss://gate:7005 --tls-ca ca.pem --criterion transitions --invalid '{"clientName":"unknown"}'
  ixgate conform tcp://gate:7004 --documented --junit conform.xml --record differences.jsonl --keep differences.suite
  ixgate conform tcp://gate:7004 --suite differences.suite
  ixgate conform tcp://127.0.0.1:1883 --protocol mqtt-connect --value username=me --value password=secret --timer connectTimeout=30s

The suite opens many connections. Most of them are refused, send invalid frames, or stay silent: test only your own servers, and
exempt this machine from their limits (ixgate serve does not limit loopback; for other addresses see --exempt).

`;

interface ConformFlags extends TlsFlags, ConformFiles {
  readonly criterion?: Criterion;
  readonly suite?: string;
  readonly seed?: number;
  readonly valid?: FigureClient;
  readonly invalid?: FigureClient;
  readonly registrationTimeout?: number;
  readonly rejectionTimeout?: number;
  readonly timerPolicy: 'learn' | 'figure';
  readonly measureFor: number;
  readonly answers?: ServiceAnswer;
  readonly connections: number;
  readonly responseTimeout: number;
  readonly margin?: number;
  readonly attempts: number;
  readonly longestFrame: number;
  readonly documented?: boolean;
}

/** The options that any protocol has. */
const ofProtocols = [
  ...['criterion', 'suite', 'seed', 'connections', 'responseTimeout', 'margin', 'attempts'],
  ...['tlsCa', 'tlsCert', 'tlsKey', 'insecure', 'junit', 'json'],
];

/** `ixgate conform`: plays a suite against a live server. */
export function addConform(command: Command, context: CommandContext): void {
  const { output, outcome } = context;
  addTlsOptions(
    addProtocolOptions(command, true)
      .argument('<endpoint>', 'the server: tcp, tls, ws or wss')
      .addOption(
        new Option(
          '--criterion <name>',
          `criterion of the suite: ${Object.keys(criteria).join(', ')} (default w1)`,
        ).argParser(criterionFrom),
      )
      .addOption(new Option('--suite <file>', 'suite file to play instead').conflicts('criterion'))
      .addOption(
        new Option('--seed <number>', 'seed of random:N, 0 to 4294967295 (default 1)').argParser(
          wholeNumberFrom('--seed', 0, 4_294_967_295),
        ),
      )
      .addOption(clientOption('--valid <json>', 'client that the server must accept'))
      .addOption(
        clientOption(
          '--invalid <json>',
          'client that the server must refuse (default one without a name)',
        ),
      )
      .addOption(
        durationOption(
          '--registration-timeout <duration>',
          'registration timeout of the server (1ms to 24d; default measured first)',
        ),
      )
      .addOption(
        durationOption(
          '--rejection-timeout <duration>',
          'rejection timeout of the server (1ms to 24d; default measured first)',
        ),
      )
      .addOption(
        new Option(
          '--timer-policy <which>',
          'which timer ends the connection of an unregistered client: learned from the server first, or as in the chart of this project',
        )
          .choices(['learn', 'figure'])
          .default('learn'),
      )
      .addOption(measureForOption())
      .addOption(
        new Option(
          '--answers <what>',
          'answer of the service to a registered client (default that of the suite file, else any: none or one to each message, not judged)',
        ).choices(['any', 'ack', 'none']),
      )
      .addOption(connectionsOption(16))
      .addOption(
        durationOption(
          '--response-timeout <duration>',
          'maximum wait for an answer (1ms to 24d)',
        ).default(2_000, '2s'),
      )
      .addOption(
        durationOption(
          '--margin <duration>',
          'tolerance of a disconnect (1ms to 24d; default a tenth of the shorter timeout, at least 20ms)',
        ),
      )
      .addOption(
        new Option(
          '--attempts <number>',
          'maximum attempts at a case when this machine is too busy, 1 to 100',
        )
          .argParser(wholeNumberFrom('--attempts', 1, 100))
          .default(3),
      )
      .addOption(longestFrameOption())
      .option('--documented', 'count only differences from the documented figures; list the others')
      .option('--record <file>', 'write the shortest session of each difference as a recording')
      .option('--keep <file>', 'write those sessions as a suite, to play again')
      .option('--junit <file>', 'write JUnit XML')
      .option('--coverage <file>', 'write a coverage file: states, transitions and pairs'),
  )
    .option('--json', 'write JSON: one object')
    .addHelpText('after', `${examples}${exitCodeHelp()}`)
    .action(async (endpoint: string, flags: ConformFlags & ProtocolFlags) => {
      if (isForProtocol(command, ofProtocols)) {
        const { conformToProtocol } = await import('../protocols/conform.js');
        outcome.code = await conformToProtocol(endpoint, flags, context);
        return;
      }
      const target = endpointTarget(endpoint, await tlsOptions(flags));
      const suite = await chosenSuite(flags);
      const files = await conformFiles(flags);
      const stop = new AbortController();
      using _ = new Interrupts(output.io, exitCodes.interrupted.code, (signal) =>
        stop.abort(new InterruptedError(signal)),
      );
      const { valid, invalid, registrationTimeout, rejectionTimeout, answers } = flags;
      const { connections, responseTimeout, margin, attempts, longestFrame, documented } = flags;
      const covered = new Coverage();
      const report = await played(output, {
        onStep: (step) => covered.add(step),
        target,
        suite,
        valid,
        invalid,
        registrationTimeout,
        rejectionTimeout,
        learnTimerPolicy: flags.timerPolicy === 'learn',
        measureFor: flags.measureFor,
        answers,
        connections,
        responseTimeout,
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
        : report.passed
          ? exitCodes.ok.code
          : exitCodes.failed.code;
    });
}

/** Removes the progress bars before the report is printed. */
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
  if (seed !== undefined) throw new UsageError('--seed and --suite cannot be combined');
  return suiteFrom(suite);
}
