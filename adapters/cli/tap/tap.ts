import { type Command, Option } from 'commander';
import { duration } from '../../../machines/text/format.js';
import {
  addTlsOptions,
  durationOption,
  redactNamesOption,
  wholeNumberFrom,
} from '../client-options.js';
import type { CommandContext } from '../context.js';
import { exitCodeHelp } from '../exit-codes.js';
import type { TapFlags } from './flags.js';

const examples = `
Examples:
  ixgate tap --listen tcp://127.0.0.1:7014 --to tcp://127.0.0.1:7004
  ixgate tap --listen tls://127.0.0.1:7016 --listen-cert cert.pem --listen-key key.pem --to tls://ixn.example:7006 --tls-ca ca.pem
  ixgate tap --listen ws://127.0.0.1:7015 --to ws://127.0.0.1:7005 --record recordings

Clients connect to the tap instead of the server. The tap forwards the traffic unchanged: bytes on tcp and tls, frames on ws and wss,
which cannot be mixed. Invalid frames are forwarded and reported. Each connection is a session on the page, in the log and in the
recording, with its verdict and its protocol violations. Only this machine can open the page; --listen sets the address of the tap.
Ctrl-C ends the tap and flushes the data in flight for at most a second.

`;

/** `ixgate tap`: forwards traffic between clients and a server and shows it. */
export function addTap(command: Command, { output, outcome }: CommandContext): void {
  command
    .requiredOption('--listen <endpoint>', 'endpoint for clients; port 0 lets the system choose')
    .requiredOption('--to <endpoint>', 'endpoint of the server')
    .option('--listen-cert <file>', 'PEM certificate for listening on tls or wss')
    .option('--listen-key <file>', 'PEM private key of that certificate')
    .option('--record <folder>', 'folder for recordings, one step record a line')
    .addOption(
      new Option('--port <number>', 'port of the page, 0 to 65535; 0 lets the system choose')
        .default(7081)
        .argParser(wholeNumberFrom('--port', 0, 65_535)),
    )
    .addOption(
      new Option(
        '--max-connections <number>',
        'maximum number of clients, 1 to 1000000; further ones are disconnected',
      )
        .default(1_000)
        .argParser(wholeNumberFrom('--max-connections', 1, 1_000_000)),
    )
    .addOption(
      durationOption(
        '--connect-timeout <duration>',
        'timeout of the connection to the server',
      ).default(5_000, duration(5_000)),
    )
    .addOption(
      durationOption(
        '--registration-timeout <duration>',
        "the server's registration deadline, where known",
      ),
    )
    .addOption(
      durationOption(
        '--rejection-timeout <duration>',
        "the server's rejection deadline, where known",
      ),
    )
    .addOption(redactNamesOption());
  addTlsOptions(command)
    .option('--json', 'write JSON')
    .addHelpText('after', `${examples}${exitCodeHelp()}`)
    .action(async (flags: TapFlags) => {
      const { runTap } = await import('./run-tap.js');
      outcome.code = await runTap(flags, output);
    });
}
