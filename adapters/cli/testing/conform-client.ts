import { type Command, Option } from 'commander';
import { abridged, recordingText } from '../../../machines/index.js';
import { InvalidValueError, wholeNumber } from '../../config/quantities.js';
import { type Endpoint, formatEndpoint } from '../../net/transports/index.js';
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

Each is played on a connection of its own. The client is to connect again by itself; one that does not is started for each
path, with the command that stands after two dashes, and ended after it. In the command {endpoint}, {host} and {port} stand for
where to connect.

Only what the wire shows is judged. Which requirements a documented figure shows, and which are a reading of this project, is told
with each. A path that is not reached is not green: exit code 4.

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
  readonly patience?: number;
  readonly maxReturns?: number;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly junit?: string;
  readonly record?: string;
  readonly verbose?: boolean;
}

/** `ixgate conform-client`: the server played to whatever client connects, which is judged. */
export function addConformClient(program: Command, { output, outcome }: CommandContext): void {
  program
    .command('conform-client')
    .description('listen, play the server to the client that connects, and judge the client')
    .argument('[command...]', 'after two dashes: starts the client, once for each path')
    .option('--listen <endpoint>', 'where: tcp, tls, ws or wss', 'tcp://127.0.0.1:0')
    .addOption(
      new Option('--paths <list>', 'which paths, separated by commas (default all)').argParser(
        (text: string) => text.split(',').map((id) => id.trim()),
      ),
    )
    .addOption(time('registration-timeout', "the played server's (default 10s)"))
    .addOption(time('rejection-timeout', "the played server's (default 5s)"))
    .addOption(time('settle', 'how long a registered client must stay (default 1s)'))
    .addOption(
      time('pause', 'how long the server waits to see what the client does (default 300ms)'),
    )
    .addOption(time('reply-timeout', "the client's, when it is known: then it is judged"))
    .addOption(
      time(
        'late',
        'how late the late answer is (default three fifths of the reply timeout, or 2s)',
      ),
    )
    .addOption(
      time('patience', 'how long the client may take to come, and come again (default 30s)'),
    )
    .addOption(
      new Option(
        '--max-returns <number>',
        'how often it may come in a second in which it is dropped each time (1 to 1000; default 10)',
      ).argParser(count),
    )
    .option('--tls-cert <file>', 'PEM certificate, for tls and wss (default one made for the run)')
    .option('--tls-key <file>', 'PEM private key of that certificate')
    .option('--record <file>', 'write a recording: a session for each path, named after it')
    .option('--junit <file>', 'write a JUnit report')
    .option('--verbose', 'show on stderr what the command writes')
    .option('--json', 'write JSON: one object for each path, and one for the result')
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
    throw new UsageError(`${abridged(first)} is no command; write --listen ${first.slice(0, 60)}`);
  for (const file of [record, junit]) if (file !== undefined) await writeResult(file, '', 'a');
  const controller = new AbortController();
  using _interrupts = new Interrupts(exitCodes.interrupted.code, () => controller.abort());
  const show = (line: string) => void process.stderr.write(`client: ${line}\n`);
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
  if (verdict === 'violated') return exitCodes.differs.code;
  return verdict === 'held' ? exitCodes.ok.code : exitCodes.timeout.code;
}

function announce(
  endpoint: Endpoint,
  ca: string | null,
  command: readonly string[],
  output: Output,
): void {
  const where = formatEndpoint(endpoint);
  const who = command.length > 0 ? `starting ${command[0]} for each path` : 'let the client come';
  const trust =
    ca === null
      ? ''
      : '\nits certificate was made for this run: the client must accept it unverified';
  output.tell(`listening on ${where}: ${who}${trust}`, { event: 'listening', endpoint: where, ca });
}

function time(name: string, about: string): Option {
  return durationOption(`--${name} <duration>`, about);
}

function count(text: string): number {
  try {
    return wholeNumber(text, 1, 1_000);
  } catch (error) {
    if (!(error instanceof InvalidValueError)) throw error;
    throw new UsageError(`--max-returns is ${JSON.stringify(text)}; allowed: 1 to 1000`);
  }
}
