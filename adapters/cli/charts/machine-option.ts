/** `--machine`: the option of commands that take any machine of XState. */
import { type Command, Option } from 'commander';
import { type LoadedMachine, loadMachine } from '../../charts/index.js';
import type { CommandContext } from '../context.js';
import { UsageError } from '../exit-codes.js';

export interface MachineFlags {
  readonly machine?: string;
  /** The value of `--input`, parsed. */
  readonly input?: unknown;
}

/** Adds `--machine` and `--input`. */
export function addMachineOptions(command: Command): Command {
  return command
    .option(
      '--machine <file[#export]>',
      'machine of XState 5 to use instead of the registration chart: a TypeScript or JavaScript file, and the export if it has several machines',
    )
    .addOption(
      new Option('--input <json>', 'input of the machine, as JSON').argParser(jsonFrom('--input')),
    );
}

/**
 * Loads the machine of `--machine`. The module may leave timers and sockets open, so the process ends with the command.
 * @throws {LoadError}
 */
export async function machineFrom(
  spec: string,
  { outcome }: Pick<CommandContext, 'outcome'>,
): Promise<LoadedMachine> {
  outcome.endsProcess = true;
  return loadMachine(spec, { cwd: process.cwd() });
}

function jsonFrom(name: string) {
  return (text: string): unknown => {
    try {
      return JSON.parse(text);
    } catch (cause) {
      const example = `e.g. ${name} '{"retries":3}'`;
      throw new UsageError(`${name} is ${JSON.stringify(text)}; expected JSON, ${example}`, {
        cause,
      });
    }
  };
}
