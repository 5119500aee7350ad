import { type Command, Option } from 'commander';
import { duration } from '../../machines/index.js';
import {
  type ConfigInput,
  configNames,
  type Flags,
  flagOf,
  helpOf,
  type LoadedConfig,
  loadConfig,
  type OptionRow,
  type ServeConfig,
  type ServeKey,
  serveKeys,
  serveOptions,
} from '../config/index.js';
import { formatEndpoint } from '../transports/endpoint.js';
import { banner, commandsToTry } from './banner.js';
import type { CommandContext } from './context.js';
import { CrashHandler } from './crash.js';
import { exitCodeHelp, exitCodes } from './exit-codes.js';
import { Gate } from './gate.js';
import { type Interrupt, Interrupts } from './interrupts.js';
import { Log } from './log.js';
import type { Output } from './output.js';
import { Reload } from './reload.js';

const examples = `
Examples:
  ixgate serve
  ixgate serve --listen tcp://0.0.0.0:7004 --clients clients.json --registration-timeout 3s
  ixgate serve --listen tls://0.0.0.0:7006 --tls-cert cert.pem --tls-key key.pem --tls-ca ca.pem --certificate-name
  ixgate serve --admin http://0.0.0.0:7080 --admin-token @token.txt
  IXGATE_REJECTION_TIMEOUT=1m ixgate serve --config gate.yaml --print-config

Each option may also stand in ${configNames.slice(0, -1).join(', ')} or ${configNames.at(-1)} in the working directory (keys as
printed by --print-config; paths start from the file), and in the environment. A flag goes before a variable, a variable
before the file. Durations are written like 500ms, 5s, 1m, 1h or 2d, sizes like 512B, 64KiB or 1MiB.

Who is turned away never was a client: it is decided at the accept, before a TLS handshake or a request costs anything. On tcp
the last word is EventError server-busy, on ws it is HTTP 503, both with the time to wait where it is known; tls and wss are
closed without a word.

SIGTERM and Ctrl-C: clients are told, those that are registered have --drain to leave, then the process ends with 0.
A second signal ends it now, with 130.

SIGHUP, and a change of the configuration file or of a certificate: they are read again, and nobody is disconnected. What
cannot be used, or has gone, is told in the log and changes nothing. Flags and variables go before the file as at the start.
RESTART need a restart.

`;

/** `ixgate serve`: its options are made from the table of the configuration. */
export function addServe(program: Command, { output, outcome }: CommandContext): void {
  const command = program
    .command('serve')
    .description('run the gate: clients connect, register and are answered');
  for (const key of serveKeys) {
    command.addOption(optionFor(key));
    // What a file or a variable switches on, a flag can switch off.
    if (serveOptions[key].kind === 'switch') {
      const opposite = flagOf(key).replace('--', '--no-');
      command.addOption(
        new Option(opposite, `the opposite of ${flagOf(key)}`).helpGroup(headingOf(key)),
      );
    }
  }
  command
    .addHelpOption(new Option('-h, --help', 'print this help').helpGroup('Configuration and help:'))
    .optionsGroup('Configuration and help:')
    .option(
      '--config <file>',
      'configuration file, in place of the one in the working directory (IXGATE_CONFIG)',
    )
    .option('--print-config', 'print every option with its value and where it came from, and end')
    .option('--json', 'write JSON: the log one object a line')
    .addHelpText('after', `${examples.replace('RESTART', needRestart())}${exitCodeHelp()}`)
    .action(async (given: Record<string, unknown>) => {
      const input = {
        flags: flagsFrom(given),
        env: process.env,
        folder: process.cwd(),
        configFile: given.config as string | undefined,
      };
      const loaded = await loadConfig(input);
      if (given.printConfig) printConfig(loaded, output);
      else outcome.code = await serve(input, loaded, output);
    });
}

function optionFor(key: ServeKey): Option {
  const row: OptionRow = serveOptions[key];
  const flag = flagOf(key);
  const option = new Option(row.argument ? `${flag} ${row.argument}` : flag, helpOf(key));
  if (row.kind === 'list' || row.kind === 'numbers') {
    option.argParser((value: string, before: string[] | undefined) => [...(before ?? []), value]);
  }
  return option.helpGroup(headingOf(key));
}

function headingOf(key: ServeKey): string {
  return `${serveOptions[key].group}:`;
}

/** The flags that take effect at the start alone. */
function needRestart(): string {
  const keys = serveKeys.filter((key) => (serveOptions[key] as OptionRow).restart);
  return keys
    .map(flagOf)
    .join(', ')
    .replace(/, (?=[^,]*$)/, ' and ')
    .replace(/(.{80,118}) /g, '$1\n');
}

/** Commander names an option after its flag, which is not always the key. */
function flagsFrom(given: Record<string, unknown>): Flags {
  return Object.fromEntries(
    serveKeys.map((key) => [key, given[optionFor(key).attributeName()]]),
  ) as Flags;
}

function printConfig({ effective }: LoadedConfig, output: Output): void {
  if (output.json) {
    const entries = effective.map(({ key, value, from }) => [key, { value, from }]);
    output.tell('', Object.fromEntries(entries));
    return;
  }
  for (const { key, value, from } of effective) {
    const text = value === null ? '-' : typeof value === 'object' ? JSON.stringify(value) : value;
    output.tell(`${key.padEnd(20)} ${String(text).padEnd(48)} ${from}`, null);
  }
}

async function serve(input: ConfigInput, loaded: LoadedConfig, output: Output): Promise<number> {
  let interrupt: (signal: Interrupt) => void = () => {};
  const interrupted = new Promise<Interrupt>((resolve) => {
    interrupt = resolve;
  });
  using _interrupts = new Interrupts(exitCodes.interrupted.code, interrupt);
  const log = logOf(loaded.config, output);
  using _crashes = new CrashHandler(log, exitCodes.internal.code);
  await using reload = new Reload(input, log);
  let gate: Gate | undefined;
  try {
    gate = await Gate.open(loaded, log);
    await reload.follow(gate);
    announce(gate, log, output);
    await drained(gate, await interrupted, reload, log);
    return exitCodes.ok.code;
  } finally {
    await gate?.close();
    await log.close();
  }
}

function logOf(config: ServeConfig, output: Output): Log {
  const format = config.logFormat ?? (process.stdout.isTTY ? 'pretty' : 'json');
  return new Log({
    level: config.logLevel,
    format: output.json ? 'json' : format,
    colour: output.paint.isColorSupported,
  });
}

function announce({ loaded, server, admin, stately }: Gate, log: Log, output: Output): void {
  log.announce(banner(loaded.config, server, admin, output.paint), {
    event: 'listening',
    endpoints: server.endpoints.map(formatEndpoint),
    admin: admin?.url ?? null,
    record: loaded.config.record ?? null,
    try: commandsToTry(server.endpoints),
  });
  if (!stately) return;
  log.info(`sessions in Stately's inspector, with the internet: ${stately.url}`, {
    event: 'stately',
    url: stately.url,
  });
}

/** Nothing is reloaded any more: who drains shall come to an end. */
async function drained(gate: Gate, signal: Interrupt, reload: Reload, log: Log): Promise<void> {
  const { drain } = gate.loaded.config;
  log.info(`${signal}: clients are told, the registered have ${duration(drain)} to leave`, {
    event: 'draining',
    signal,
  });
  const closed = gate.drain();
  await reload.stop();
  await closed;
  log.info('all clients are gone', { event: 'stopped' });
}
