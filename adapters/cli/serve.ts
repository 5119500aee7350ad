import type { Command } from 'commander';
import {
  configNames,
  flagOf,
  loadConfig,
  type OptionRow,
  serveKeys,
  serveOptions,
} from '../config/index.js';
import { LogSignals } from '../service/log-signals.js';
import { gateSignals, signalNames } from '../service/signals.js';
import type { CommandContext } from './context.js';
import { exitCodeHelp } from './exit-codes.js';
import { printConfig } from './print-config.js';
import { addServeOptions, configInput } from './serve-options.js';

const examples = `
Examples:
  ixgate serve
  ixgate serve --listen tcp://0.0.0.0:7004 --clients clients.json --registration-timeout 3s
  ixgate serve --listen tls://0.0.0.0:7006 --tls-cert cert.pem --tls-key key.pem --tls-ca ca.pem --certificate-name
  ixgate serve --admin http://0.0.0.0:7080 --admin-token @token.txt
  IXGATE_REJECTION_TIMEOUT=1m ixgate serve --config gate.yaml --print-config

Options can also be set in ${configNames.slice(0, -1).join(', ')} or ${configNames.at(-1)} in the working directory (keys as
printed by --print-config; paths are relative to the file), and in the environment. Flags override variables, variables
override the file. Durations are written like 500ms, 5s, 1m, 1h or 2d, sizes like 512B, 64KiB or 1MiB.

Connections are rejected at the accept, before a TLS handshake or a request. A rejected tcp client gets EventError server-busy,
a ws client HTTP 503, both with the time to wait if known; tls and wss connections are closed without a message.

Signals:
SIGNALS

A changed configuration file, list of clients or certificate is also reloaded without a signal. An invalid configuration is logged
and changes nothing. Flags and variables override the file as at the start.
RESTART need a restart.

`;

/** `ixgate serve`: its options are generated from the table of the configuration. */
export function addServe(command: Command, { output, outcome }: CommandContext): void {
  addServeOptions(command)
    .option('--print-config', 'print all options with their values and sources, and exit')
    .option('--json', 'JSON output: one object per line of the log')
    .addHelpText(
      'after',
      `${examples.replace('SIGNALS', signalHelp()).replace('RESTART', needRestart())}${exitCodeHelp()}`,
    )
    .action(async (given: Record<string, unknown>) => {
      using signals = new LogSignals(output.io);
      const input = configInput(given, output);
      const loaded = await loadConfig(input);
      if (given.printConfig) {
        printConfig(loaded.effective, output);
        return;
      }
      // Loaded on demand: other commands start faster without the gate.
      const { serve } = await import('./run-serve.js');
      outcome.code = await serve(input, loaded, output, signals);
    });
}

/** The signals with their effects, in lines of at most 120 characters. */
function signalHelp(): string {
  return signalNames
    .map((name) => `  ${name.padEnd(9)}${gateSignals[name].effect}.`)
    .map((row) => row.replace(/(.{80,110}) /g, '$1\n           '))
    .join('\n');
}

/** The flags that need a restart. */
function needRestart(): string {
  const keys = serveKeys.filter((key) => (serveOptions[key] as OptionRow).restart);
  return keys
    .map(flagOf)
    .join(', ')
    .replace(/, (?=[^,]*$)/, ' and ')
    .replace(/(.{80,118}) /g, '$1\n');
}
