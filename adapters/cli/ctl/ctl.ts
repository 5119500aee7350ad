import { type Command, Option } from 'commander';
import type { CommandContext } from '../context.js';
import { exitCodeHelp } from '../exit-codes.js';
import type { Action, CtlFlags } from './flags.js';

const where = `The gate is, in this order: --control, --admin, IXGATE_CONTROL, IXGATE_ADMIN, control or admin of the configuration file in this
folder, http://127.0.0.1:7080. Changes through the admin port need its token. Durations are written like 500ms, 5s, 1m, 1h or 2d.
`;

const fields = `Conditions of --where are FIELD OP VALUE with one of != <= >= = < > ~ (contains); all must hold. Fields: id, client, clientType, mediaType,
state, scheme, remoteAddress, remotePort, connectedAt, registeredAt, age, deadline, errors, carrier, proxyClientId, certificateSubject, node.
`;

/** What the help of a subcommand has. */
interface Help {
  readonly about: string;
  readonly examples: readonly string[];
  readonly notes?: string;
}

/** `ixgate ctl`: live control of a running gate. */
export function addCtl(ctl: Command, context: CommandContext): void {
  addTarget(ctl).addHelpText(
    'after',
    `\nExamples:\n  ixgate ctl status\n  ixgate ctl sessions --where 'state!=registered' --watch\n  ixgate ctl kick --where 'client~desk-' --retry-after 30s\n  ixgate ctl drain --wait\n\n${where}\n${exitCodeHelp()}`,
  );
  const add = (usage: string, action: Action, help: Help): Command =>
    subcommand(ctl, context, usage, action, help);

  add('status', 'status', {
    about: 'show the state of the gate',
    examples: ['status', 'status --json', 'status --control unix:///run/ixgate.ctl'],
  });
  addWhere(
    add('sessions', 'sessions', {
      about: 'list the sessions, oldest first',
      examples: [
        'sessions',
        "sessions --where 'state!=registered' --where 'age>5s'",
        'sessions --watch',
      ],
      notes: `${fields}On a terminal --watch fills the screen, the oldest first; q or Ctrl-C ends it.\n`,
    }),
  )
    .option('--limit <number>', 'maximum number of sessions, 1 to 100000 (default all)')
    .option('--watch', 'list them again and again')
    .option('--interval <duration>', 'time between two lists of --watch, 100ms to 1h (default 1s)');
  add('show <id>', 'show', { about: 'show one session', examples: ['show 1a2b3c4d-7'] });
  addKick(
    addWhere(
      add('kick [ids...]', 'kick', {
        about: 'disconnect clients with EventError kicked',
        examples: [
          'kick 1a2b3c4d-7',
          "kick --where 'client~desk-' --reason 'maintenance' --retry-after 10m",
          "kick --where 'remoteAddress=192.0.2.7' --ban 1h",
          "kick --where 'errors>3' --dry-run",
        ],
        notes: `${fields}A client of this package comes back after --retry-after; without it, it gives up.\n`,
      }),
    ),
  );
  add('nodes', 'nodes', {
    about: 'list the gates of the cluster',
    examples: ['nodes', 'nodes --json'],
  });
  addNode(
    add('drain', 'drain', {
      about: 'reject new connections; clients stay, and /readyz answers 503',
      examples: ['drain', 'drain --wait', 'drain --node gate-2'],
    }),
  ).option('--wait', 'wait until no client is left');
  addNode(
    add('resume', 'resume', {
      about: 'accept connections again',
      examples: ['resume', 'resume --all-nodes'],
    }),
  );
  addNode(
    add('reload', 'reload', {
      about: 'read the configuration and the list of clients again, as SIGHUP does',
      examples: ['reload', 'reload --all-nodes'],
    }),
  );
  add('set <settings...>', 'set', {
    about: 'set options until the gate stops; no file is changed',
    examples: ['set maxErrors=4', 'set drain=30s registrationTimeout=5s'],
    notes:
      'Settings are KEY=VALUE with the keys of the configuration file and the values of flags. Options that need a restart are refused.\n',
  });
  add('unset <keys...>', 'unset', {
    about: 'take settings of ctl set back',
    examples: ['unset maxErrors'],
  });
  add('log-level [level]', 'log-level', {
    about: 'show the log level, or set it until the gate stops or the configured level changes',
    examples: ['log-level', 'log-level debug'],
  });
  add('ban <address>', 'ban', {
    about: 'reject new connections of an address or a block of addresses',
    examples: [
      'ban 192.0.2.7',
      'ban 192.0.2.0/24 --for 10m --kick',
      'ban 2001:db8::/48 --for forever',
    ],
    notes: 'Bans end with the gate. They hold for addresses of --exempt, too.\n',
  })
    .option('--for <duration>', 'time of the ban, 1s to 24d, or forever (default 1h)')
    .option('--kick', 'disconnect its clients, too');
  add('unban <address>', 'unban', { about: 'take a ban back', examples: ['unban 192.0.2.7'] });
  add('bans', 'bans', { about: 'list the bans', examples: ['bans'] });
  add('penalties', 'penalties', {
    about: 'list the addresses with a penalty, or clear penalties',
    examples: ['penalties', 'penalties --clear 192.0.2.7', 'penalties --clear all'],
  })
    .option('--limit <number>', 'maximum number of addresses, 1 to 100000 (default 1000)')
    .option('--clear <address|all>', 'forget the penalty of one address, or all');
}

function subcommand(
  ctl: Command,
  { output, outcome }: CommandContext,
  usage: string,
  action: Action,
  { about, examples, notes = '' }: Help,
): Command {
  const [name = '', ...rest] = usage.split(' ');
  const command = ctl.command(name).description(about);
  if (rest.length > 0) command.arguments(rest.join(' '));
  const lines = examples.map((example) => `  ixgate ctl ${example}\n`).join('');
  return addTarget(command)
    .addHelpText('after', `\nExamples:\n${lines}\n${notes}${where}\n${exitCodeHelp()}`)
    .action(async (...given: unknown[]) => {
      // Commander passes the arguments, the options and the command.
      const words = given
        .slice(0, -2)
        .flat()
        .filter((word) => word !== undefined) as string[];
      const flags: CtlFlags = command.optsWithGlobals();
      // Loaded on demand: other commands start faster without it.
      const { runCtl } = await import('./run-ctl.js');
      outcome.code = await runCtl(action, words, flags, output);
    });
}

function addTarget(command: Command): Command {
  return command
    .option('--control <unix:///path>', 'unix socket of the gate (IXGATE_CONTROL)')
    .option('--admin <url>', 'admin port of the gate (IXGATE_ADMIN)')
    .option('--token <token|@file>', 'token of the admin port (IXGATE_ADMIN_TOKEN)')
    .option('--timeout <duration>', 'time without an answer after which ctl gives up (default 5s)')
    .option('--json', 'write JSON');
}

function addNode(command: Command): Command {
  return command
    .option('--node <name>', 'gate of the cluster (default the gate that ctl asks)')
    .option('--all-nodes', 'all gates of the cluster');
}

function addWhere(command: Command): Command {
  return command.addOption(
    new Option('--where <condition>', 'condition on a session; may be repeated').argParser(
      (value: string, before: string[] | undefined) => [...(before ?? []), value],
    ),
  );
}

function addKick(command: Command): Command {
  return command
    .option('--reason <text>', 'text for the client and the log, 1 to 200 characters')
    .option('--retry-after <duration>', 'time that the client stays away, 1ms to 1d')
    .option('--ban <duration>', 'ban the addresses of the clients, too, 1s to 24d, or forever')
    .option('--dry-run', 'list the sessions, and kick none');
}
