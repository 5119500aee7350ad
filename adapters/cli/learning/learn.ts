import { type Command, Option } from 'commander';
import { machineFormats } from '../../../machines/engine/learning/formats.js';
import { oracles } from '../../../machines/engine/learning/oracles.js';
import { addTlsOptions, durationOption, wholeNumberFrom } from '../client-options.js';
import type { CommandContext } from '../context.js';
import { exitCodeHelp, UsageError } from '../exit-codes.js';
import { givenOption } from '../given-options.js';
import { addProtocolOptions } from '../protocols/protocol-options.js';
import { clientOption } from '../testing/figures.js';
import {
  connectionsOption,
  longestFrameOption,
  measureForOption,
} from '../testing/server-options.js';
import type { LearnFlags } from './learn-flags.js';

const examples = `
Examples:
  ixgate learn tcp://127.0.0.1:7004
  ixgate learn tcp://gate:7004 --valid '{"clientName":"desk-1"}' --connections 64 --out learned.json
  ixgate learn tcp://127.0.0.1:1883 --protocol mqtt-connect --value username=me --value password=secret
  ixgate learn tcp://127.0.0.1:6379 --mapper examples/redis-auth/mapper.ts --value password=secret --format dot
  ixgate learn --from recordings/
  ixgate learn --from monday.jsonl tuesday.jsonl --out learned.json

With an endpoint the command opens many connections and sends every input in every state, with pauses: learn only your own servers, and
exempt this machine from their limits (ixgate serve does not limit loopback; for other addresses see --exempt).
With --from it sends nothing. It follows each recorded session on the chart, counts the edges, and shows where sessions depart. It reads
what ixgate analyze reads: recordings, logs, and folders of them.

`;

/** The options of each form, by the names of commander; the others are for both. */
const ofEndpoints = [
  ...['protocol', 'setting', 'timer', 'value', 'mapper', 'valid', 'invalid', 'measureFor'],
  ...['longestFrame', 'oracle', 'extraStates', 'seed', 'connections', 'budget', 'maxStates'],
  ...['horizon', 'tree', 'known', 'keep', 'record', 'tlsCa', 'tlsCert', 'tlsKey', 'insecure'],
];
const ofRegistration = [
  ...['keep', 'record'],
  ...['valid', 'invalid', 'registrationTimeout', 'rejectionTimeout', 'measureFor', 'longestFrame'],
];

/** `ixgate learn`: the machine of a server with its clocks, beside the figure. */
export function addLearn(command: Command, context: CommandContext): void {
  const { output, outcome } = context;
  addTlsOptions(
    addProtocolOptions(command, true)
      .argument('[endpoint]', 'the server: tcp, tls, ws or wss')
      .option(
        '--from <file...>',
        'recordings, logs, folders of them, or - for standard input, instead of a server',
      )
      .option(
        '--mapper <file>',
        'a mapper without a figure, a TypeScript or JavaScript file (docs/protocols.md)',
      )
      .addOption(clientOption('--valid <json>', 'client that the server accepts'))
      .addOption(
        clientOption(
          '--invalid <json>',
          'client that the server refuses (default one without a name)',
        ),
      )
      .addOption(
        durationOption(
          '--registration-timeout <duration>',
          'expected registration timeout (default measured)',
        ),
      )
      .addOption(
        durationOption(
          '--rejection-timeout <duration>',
          'expected rejection timeout (default measured)',
        ),
      )
      .addOption(measureForOption())
      .addOption(longestFrameOption())
      .addOption(
        new Option('--oracle <name>', 'how the result is tested').choices(oracles).default('wp'),
      )
      .addOption(
        new Option(
          '--extra-states <number>',
          'states that the server may have beyond those found, 0 to 5',
        )
          .argParser(wholeNumberFrom('--extra-states', 0, 5))
          .default(1),
      )
      .addOption(
        new Option('--seed <number>', 'seed of --oracle random, 0 to 4294967295')
          .argParser(wholeNumberFrom('--seed', 0, 4_294_967_295))
          .default(1),
      )
      .addOption(connectionsOption(32))
      .option(
        '--budget <connections|duration>',
        'stop after a number of connections, e.g. 500, or a time, e.g. 5m, with the best result so far',
      )
      .addOption(
        new Option('--max-states <number>', 'stop when the server has more states, 1 to 1000')
          .argParser(wholeNumberFrom('--max-states', 1, 1_000))
          .default(50),
      )
      .addOption(
        durationOption(
          '--horizon <duration>',
          'silence after which a state counts as one without a timeout (1ms to 24d; default 1.25 times the longest timeout, or that of the mapper)',
        ),
      )
      .addOption(
        durationOption(
          '--tolerance <duration>',
          'difference of equal lengths (1ms to 24d; default a tenth of the shortest timeout, or that of the mapper; with --from a tenth of each, from 50ms to 500ms)',
        ),
      )
      .option(
        '--known <folder>',
        'files of ixgate learn --out: machines that the server may be, tried first',
      )
      .option(
        '--tree <file>',
        'file of the plays, to go on after an interruption (default that of --out with .tree)',
      )
      .addOption(
        new Option(
          '--format <format>',
          'write only the machine: mermaid, dot (AALpy, LearnLib), xstate, json',
        ).choices(machineFormats),
      )
      .option(
        '--record <file>',
        'play the shortest session of each difference again and write it as a recording; overwrites the file',
      )
      .option(
        '--keep <file>',
        'write the shortest session of each difference as a suite, for ixgate conform; overwrites the file',
      )
      .option(
        '--out <file>',
        'write the learned machine, for ixgate diff and the page; overwrites the file',
      ),
  )
    .option('--json', 'write JSON: one object')
    .addHelpText('after', `${examples}${exitCodeHelp()}`)
    .action(async (endpoint: string | undefined, flags: LearnFlags) => {
      const { from, protocol, mapper } = flags;
      if ((endpoint === undefined) === (from === undefined)) {
        throw new UsageError(
          'expected an endpoint, e.g. tcp://127.0.0.1:7004, or --from with recordings or logs',
        );
      }
      if (flags.format !== undefined && output.json) {
        throw new UsageError('--format and --json cannot be combined; choose one');
      }
      if (protocol !== undefined && mapper !== undefined) {
        throw new UsageError('--protocol and --mapper cannot be combined; choose one');
      }
      const together = (other: string) => `cannot be combined with ${other}`;
      if (from !== undefined) refuse(command, ofEndpoints, together('--from'));
      if (protocol !== undefined) refuse(command, ofRegistration, together('--protocol'));
      if (mapper !== undefined) refuse(command, ofRegistration, together('--mapper'));
      if (protocol === undefined && mapper === undefined) {
        refuse(command, ['setting', 'timer', 'value'], 'needs --protocol or --mapper');
      }
      if (from !== undefined) {
        const { learnFrom } = await import('./learn-from.js');
        outcome.code = await learnFrom(from, flags, output);
      } else {
        const { learnEndpoint } = await import('./learn-endpoint.js');
        outcome.code = await learnEndpoint(endpoint ?? '', flags, context);
      }
    });
}

/** @throws {UsageError} when one of some options was given */
function refuse(command: Command, names: readonly string[], problem: string): void {
  const given = givenOption(command, names);
  if (given !== undefined) throw new UsageError(`${given} ${problem}`);
}
