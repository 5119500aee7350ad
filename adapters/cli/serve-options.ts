/** The options of `ixgate serve` as flags, for every command that reads the configuration of a gate. */
import { type Command, Option } from 'commander';
import {
  type ConfigInput,
  type Flags,
  flagOf,
  helpOf,
  type OptionRow,
  type ServeKey,
  serveKeys,
  serveOptions,
} from '../config/index.js';
import type { Output } from './output.js';

/** Adds the options of the table, each under its heading, and `--config` and `--help` under the last one. */
export function addServeOptions(command: Command): Command {
  for (const key of serveKeys) {
    command.addOption(optionFor(key));
    // A flag can switch off what a file or a variable switches on.
    if (serveOptions[key].kind === 'switch') {
      const opposite = flagOf(key).replace('--', '--no-');
      command.addOption(
        new Option(opposite, `the opposite of ${flagOf(key)}`).helpGroup(headingOf(key)),
      );
    }
  }
  return command
    .addHelpOption(new Option('-h, --help', 'print this help').helpGroup('Configuration and help:'))
    .optionsGroup('Configuration and help:')
    .option(
      '--config <file>',
      'configuration file (default one in the working directory; IXGATE_CONFIG)',
    );
}

/** Where the configuration comes from. @param given options as commander gives them */
export function configInput(given: Record<string, unknown>, { io }: Output): ConfigInput {
  return {
    flags: flagsFrom(given),
    env: io.env,
    folder: io.folder,
    configFile: given.config as string | undefined,
  };
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
