import { type Command, Option } from 'commander';
import {
  duration,
  type ErrorCodes,
  type ErrorName,
  type SeatDelays,
} from '../../machines/index.js';
import { type Admin, createAdmin } from '../admin/index.js';
import {
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
import { SessionFeed } from '../feed/index.js';
import { openStately, xstateHandler } from '../inspect/index.js';
import { createServer, type GateServer } from '../server/index.js';
import { formatEndpoint } from '../transports/endpoint.js';
import type { WebServer } from '../web/index.js';
import { banner, commandsToTry } from './banner.js';
import type { CommandContext } from './context.js';
import { exitCodeHelp, exitCodes } from './exit-codes.js';
import { logInspection } from './inspection-log.js';
import { type Interrupt, Interrupts } from './interrupts.js';
import { Log } from './log.js';
import type { Output } from './output.js';
import { logSessions } from './session-log.js';
import { openValidator } from './validator.js';
import { version } from './version.js';

const examples = `
Examples:
  ixgate serve
  ixgate serve --listen tcp://0.0.0.0:7004 --clients clients.json --registration-timeout 3s
  ixgate serve --listen tls://0.0.0.0:7006 --tls-cert cert.pem --tls-key key.pem --tls-ca ca.pem --certificate-name
  ixgate serve --admin http://0.0.0.0:7080 --admin-token @token.txt
  IXGATE_REJECTION_TIMEOUT=1m ixgate serve --config gate.yaml --print-config

Each option may also stand in ${configNames.join(' or ')} in the working directory (keys as
printed by --print-config; paths start from the file), and in the environment. A flag goes before a variable, a variable
before the file.

SIGTERM and Ctrl-C: clients are told, those that are registered have --drain to leave, then the process ends with 0.
A second signal ends it now.

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
    .addHelpText('after', `${examples}${exitCodeHelp()}`)
    .action(async (given: Record<string, unknown>) => {
      const loaded = await loadConfig({
        flags: flagsFrom(given),
        env: process.env,
        folder: process.cwd(),
        configFile: given.config as string | undefined,
      });
      if (given.printConfig) printConfig(loaded, output);
      else outcome.code = await serve(loaded, output);
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

async function serve({ config, tls }: LoadedConfig, output: Output): Promise<number> {
  let interrupt: (signal: Interrupt) => void = () => {};
  const interrupted = new Promise<Interrupt>((resolve) => {
    interrupt = resolve;
  });
  using _interrupts = new Interrupts(exitCodes.interrupted.code, interrupt);
  const format = config.logFormat ?? (process.stdout.isTTY && !output.json ? 'pretty' : 'json');
  const log = new Log({
    level: config.logLevel,
    format: output.json ? 'json' : format,
    colour: output.paint.isColorSupported,
  });
  let server: GateServer | undefined;
  let feed: SessionFeed | undefined;
  let admin: Admin | undefined;
  let stately: WebServer | undefined;
  const validator = await openValidator(config, log);
  try {
    server = await createServer({
      listen: config.listen,
      registrationTimeout: config.registrationTimeout,
      rejectionTimeout: config.rejectionTimeout,
      validator: validator.validate,
      validatorTimeout: config.validatorTimeout,
      maxFrame: config.maxFrame,
      tls,
      errorCodes: definedOf(config.errorCodes ?? {}),
      onMessage({ reply }) {
        if (config.answer === 'ack') reply.ack();
      },
    });
    logSessions(server, log);
    if (config.admin !== null) {
      feed = new SessionFeed(server, { gate: `ixgate ${version()}`, delays: delaysOf(config) });
      admin = await createAdmin(server, {
        listen: config.admin,
        token: config.adminToken,
        upgrades: {
          '/inspect': feed,
          '/xstate': xstateHandler(server, {
            allowInject: config.allowInject,
            onNews: logInspection(log),
          }),
        },
      });
    }
    if (config.stately) stately = await openStately(server);
    log.announce(banner(config, server, admin, output.paint), {
      event: 'listening',
      endpoints: server.endpoints.map(formatEndpoint),
      admin: admin?.url ?? null,
      try: commandsToTry(server.endpoints),
    });
    if (stately) {
      log.info(`sessions in Stately's inspector, with the internet: ${stately.url}`, {
        event: 'stately',
        url: stately.url,
      });
    }
    const signal = await interrupted;
    log.info(
      `${signal}: clients are told, the registered have ${duration(config.drain)} to leave`,
      {
        event: 'draining',
        signal,
      },
    );
    await server.close({ drainMs: config.drain });
    log.info('all clients are gone', { event: 'stopped' });
    return exitCodes.ok.code;
  } finally {
    await server?.close();
    feed?.close();
    await admin?.close();
    await stately?.close();
    await validator.close();
    await log.close();
  }
}

function delaysOf({ registrationTimeout, rejectionTimeout }: ServeConfig): SeatDelays {
  return { registrationTimeout, rejectionTimeout };
}

function definedOf(
  numbers: { readonly [Name in ErrorName]?: number | undefined },
): Partial<ErrorCodes> {
  return Object.fromEntries(Object.entries(numbers).filter(([, number]) => number !== undefined));
}
