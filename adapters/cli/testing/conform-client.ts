import { type Command, Option } from 'commander';
import { recordingText } from '../../../machines/registration/session/recording.js';
import { abridged } from '../../../machines/text/format.js';
import { type Endpoint, formatEndpoint } from '../../net/transports/index.js';
import { InvalidValueError, wholeNumber } from '../../runtime/quantities.js';
import { type ClientConformance, clientPaths, conformClient } from '../../tester/index.js';
import { durationOption, tlsOptions } from '../client-options.js';
import type { CommandContext } from '../context.js';
import { exitCodeHelp, exitCodes, UsageError } from '../exit-codes.js';
import { Interrupts } from '../interrupts.js';
import type { Output } from '../output.js';
import { clientCommand } from './client-command.js';
import { conformClientJunit } from './conform-client-junit.js';
import { tellPath, tellResult } from './conform-client-report.js';
import { writeResult } from './write-result.js';

const examples = `
Paths, in this order:
${clientPaths.map(({ id, title }) => `  ${id.padEnd(14)} ${title}`).join('\n')}

Each path has a separate connection. The client must reconnect by itself. For a client that does not, give its command after two
dashes: it is started for each path and stopped at the end of the path. In the command, {endpoint}, {host} and {port} are replaced by
the address to connect to.

The tester judges only what the wire shows. Each requirement names its documented figure, or is a reading of this project. When a path
or a requirement is inconclusive, the exit code is 4.

Examples:
  ixgate conform-client --listen tcp://127.0.0.1:7004
  ixgate conform-client --listen ws://127.0.0.1:7005 --paths ack,drop,error --junit client.xml
  ixgate conform-client --reply-timeout 5s -- node client.mjs {endpoint}

`;

interface ConformClientFlags {
  readonly listen: string;
  readonly paths?: string[];
  readonly registrationTimeout?: number;
  readonly rejectionTimeout?: number;
  readonly settle?: number;
  readonly pause?: number;
  readonly late?: number;
  readonly replyTimeout?: number;
  readonly connectTimeout?: number;
  readonly maxReconnects?: number;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly junit?: string;
  readonly record?: string;
  readonly verbose?: boolean;
}

/** `ixgate conform-client`: plays the server and judges the client that connects. */
export function addConformClient(command: Command, { output, outcome }: CommandContext): void {
  command
    .argument('[command...]', 'command that starts the client, after two dashes; run for each path')
    .option(
      '--listen <endpoint>',
      'endpoint to listen on: tcp, tls, ws or wss',
      'tcp://127.0.0.1:0',
    )
    .addOption(
      new Option('--paths <list>', 'paths to play, separated by commas (default all)').argParser(
        (text: string) => text.split(',').map((id) => id.trim()),
      ),
    )
    .addOption(
      time('registration-timeout', 'registration timeout of the played server (default 10s)'),
    )
    .addOption(time('rejection-timeout', 'rejection timeout of the played server (default 5s)'))
    .addOption(time('settle', 'how long a registered client must stay connected (default 1s)'))
    .addOption(time('pause', 'wait of the played server for the client (default 300ms)'))
    .addOption(time('reply-timeout', 'reply timeout of the client (default unknown: not judged)'))
    .addOption(
      time('late', 'delay of the late answer (default three fifths of the reply timeout, or 2s)'),
    )
    .addOption(
      time('connect-timeout', 'maximum wait for the client to connect or reconnect (default 30s)'),
    )
    .addOption(
      new Option(
        '--max-reconnects <number>',
        'maximum connections in a second of drops (1 to 1000; default 10)',
      ).argParser(count),
    )
    .option(
      '--tls-cert <file>',
      'PEM certificate, for tls and wss (default self-signed for the run)',
    )
    .option('--tls-key <file>', 'PEM private key of that certificate')
    .option('--record <file>', 'write a recording with a session for each path')
    .option('--junit <file>', 'write a JUnit report')
    .option('--verbose', 'show the output of the command on stderr')
    .option('--json', 'write JSON: one object for each path and one for the result')
    .addHelpText('after', `${examples}${exitCodeHelp()}`)
    .action(async (command: string[], flags: ConformClientFlags) => {
      outcome.code = await judge(command, flags, output);
    });
}

async function judge(
  command: readonly string[],
  flags: ConformClientFlags,
  output: Output,
): Promise<number> {
  const { listen, record, junit, verbose, tlsCert: _cert, tlsKey: _key, ...chosen } = flags;
  const [first = ''] = command;
  if (/^\w+:\/\//.test(first))
    throw new UsageError(
      `invalid command ${abridged(first)}: to listen there, write --listen ${first.slice(0, 60)}`,
    );
  for (const file of [record, junit]) if (file !== undefined) await writeResult(file, '', 'a');
  const controller = new AbortController();
  using _interrupts = new Interrupts(output.io, exitCodes.interrupted.code, () =>
    controller.abort(),
  );
  const show = (line: string) => void output.io.stderr.write(`client: ${line}\n`);
  let where = listen;
  const result = await conformClient({
    ...chosen,
    listen,
    tls: await tlsOptions(flags),
    signal: controller.signal,
    ...(command.length > 0 && { launch: clientCommand(command, verbose ? show : undefined) }),
    onListening: (endpoint, ca) => {
      where = formatEndpoint(endpoint);
      announce(endpoint, ca, command, output);
    },
    onPath: (run) => tellPath(run, output),
  });
  tellResult(result, output);
  if (record !== undefined)
    await writeResult(record, recordingText(result.paths.flatMap((run) => run.steps)));
  if (junit !== undefined) await writeResult(junit, await conformClientJunit(result, where));
  return controller.signal.aborted ? exitCodes.interrupted.code : exitCodeOf(result);
}

function exitCodeOf({ verdict }: ClientConformance): number {
  if (verdict === 'fail') return exitCodes.failed.code;
  return verdict === 'pass' ? exitCodes.ok.code : exitCodes.timeout.code;
}

function announce(
  endpoint: Endpoint,
  ca: string | null,
  command: readonly string[],
  output: Output,
): void {
  const where = formatEndpoint(endpoint);
  const who =
    command.length > 0 ? `starting ${command[0]} for each path` : 'waiting for the client';
  const trust =
    ca === null
      ? ''
      : '\nthe certificate is self-signed for this run: the client must accept it without verification';
  output.tell(`listening on ${where}: ${who}${trust}`, { event: 'listening', endpoint: where, ca });
}

function time(name: string, description: string): Option {
  return durationOption(`--${name} <duration>`, description);
}

function count(text: string): number {
  try {
    return wholeNumber(text, 1, 1_000);
  } catch (error) {
    if (!(error instanceof InvalidValueError)) throw error;
    throw new UsageError(`--max-reconnects is ${JSON.stringify(text)}; allowed: 1 to 1000`);
  }
}
