import type { Command } from 'commander';
import { visible } from '../../machines/text/format.js';
import {
  type InspectedConfig,
  inspectConfig,
  type OptionRow,
  type ServeKey,
  serveOptions,
  shownOptions,
} from '../config/index.js';
import { runningOptions } from '../doctor/running/gate-state.js';
import { FileError } from '../files/file-error.js';
import type { IxgateError } from '../runtime/errors.js';
import { loadListedClients } from '../validators/client-list-file.js';
import { againstDescription, againstFlags, gateAgainst } from './against.js';
import type { CommandContext } from './context.js';
import { exitCodeHelp, exitCodes, UsageError } from './exit-codes.js';
import type { Output } from './output.js';
import { printConfig, type ShownOption } from './print-config.js';
import { addServeOptions, configInput } from './serve-options.js';

const examples = `
Examples:
  ixgate config
  ixgate config --config gate.yaml --changed
  ixgate config --config gate.yaml --check
  ixgate config --against unix:///run/ixgate.ctl --changed

The options are those of ixgate serve: ixgate serve with the same flags, variables and file has the configuration that this command
prints. A value comes from a flag, a variable, a place in the file (file:line:column) or is the default. Tokens and passwords are
masked. With --against they are those of a running gate. A configuration that is not valid prints all its problems, and the exit code is 2.

`;

interface ConfigFlags extends Record<string, unknown> {
  readonly changed?: boolean;
  readonly check?: boolean;
  readonly against?: string | true;
}

/** `ixgate config`: the configuration in force, and where each value comes from. */
export function addConfig(command: Command, { output, outcome }: CommandContext): void {
  addServeOptions(command)
    .option('--changed', 'only the options that differ from their defaults')
    .option('--check', 'print nothing but the problems of the configuration')
    .option(againstFlags, againstDescription)
    .option('--json', 'write JSON: one object')
    .addHelpText('after', `${examples}${exitCodeHelp()}`)
    .action(async (given: ConfigFlags) => {
      outcome.code = await config(given, output);
    });
}

async function config(given: ConfigFlags, output: Output): Promise<number> {
  if (given.against !== undefined && given.check) {
    throw new UsageError(
      '--check is for the configuration of a gate that is to start, --against for that of one that runs; give one of them',
    );
  }
  const inspected = await inspectConfig(configInput(given, output));
  if (given.against !== undefined) {
    print(await runningOptions(gateAgainst(given.against, inspected)), given, output);
    return exitCodes.ok.code;
  }
  const problems = [...inspected.problems, ...(await listProblems(inspected))];
  if (problems.length > 0) return tellProblems(problems, output);
  if (given.check) {
    const file = inspected.file ?? 'no file, so flags, variables and defaults';
    output.tell(`the configuration is valid: ${file}`, { valid: true, file: inspected.file });
  } else print(shownOptions(inspected.effective), given, output);
  return exitCodes.ok.code;
}

/** What is wrong with the list of clients: with it the gate does not start either. */
async function listProblems({ config: { clients } }: InspectedConfig): Promise<IxgateError[]> {
  if (clients === undefined) return [];
  try {
    await loadListedClients(clients);
    return [];
  } catch (error) {
    if (error instanceof FileError) return [error];
    throw error;
  }
}

function print(options: readonly ShownOption[], { changed }: ConfigFlags, output: Output): void {
  printConfig(changed ? options.filter(differs) : options, output);
}

function differs({ key, value }: ShownOption): boolean {
  const row = serveOptions[key as ServeKey] as OptionRow | undefined;
  return textOf(value) !== textOf(row?.default ?? null);
}

/** A file may have a number where the table has text. */
function textOf(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** All problems, where one would hide the others. */
function tellProblems(problems: readonly IxgateError[], output: Output): number {
  const { stderr } = output.io;
  if (output.json) {
    const told = problems.map(({ code, message }) => ({ code, message }));
    output.tell('', { valid: false, problems: told });
  } else {
    for (const { message } of problems) {
      stderr.write(`${output.paint.red('ixgate:')} ${visible(message)}\n`);
    }
  }
  return exitCodes.usage.code;
}
