/** The options that make a model of a machine: `--machine` and what belongs to it. */
import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import {
  type ChartModel,
  type ChartOptions,
  type ModelOptions,
  modelOf,
  type Observable,
  observables,
  PayloadError,
} from '../../../machines/engine/model/index.js';
import { ExploreError } from '../../../machines/engine/table/index.js';
import type { LoadedMachine } from '../../charts/index.js';
import { IxgateError } from '../../runtime/errors.js';
import type { CommandContext } from '../context.js';
import { UsageError } from '../exit-codes.js';
import { givenOption } from '../given-options.js';
import { addMachineOptions, type MachineFlags, machineFrom } from './machine-option.js';
import { payloadsIn } from './payloads.js';

export interface ModelFlags extends MachineFlags {
  readonly outputs?: readonly Observable[];
  readonly events?: string;
  readonly enabledOnly?: true;
}

/** The name of that export. */
export const optionsExport = 'ixgate';

/** A machine with its model. */
export interface LoadedModel {
  readonly model: ChartModel;
  readonly loaded: LoadedMachine;
  readonly options: ChartOptions;
  /** The options of the command line, as a generated file repeats them. */
  readonly flags: ModelOptions;
}

/** An explored chart has a problem; the code is that of `ExploreError` or `PayloadError`. */
export class ChartError extends IxgateError {
  override readonly name = 'ChartError';
}

const modelHelp = `
A module may export an object \`ixgate\` beside its machine, with the options of modelOf and the properties of checkModel:
  export const ixgate = { payloads: { SUBMIT: [{ name: '' }, { name: 'x' }] }, never: { stuck: 'loading' } };
`;

export function addModelOptions(command: Command): Command {
  return addMachineOptions(command)
    .addOption(
      new Option(
        '--outputs <list>',
        `with --machine: what is observed after each input, of ${observables.join(', ')} (default actions,value)`,
      ).argParser(outputsFrom),
    )
    .option(
      '--events <file>',
      'with --machine: events with their data, as a JSON list, one a line, or a recording of ixgate inspector; each becomes an input',
    )
    .option('--enabled-only', 'with --machine: no inputs that have no transition in a state')
    .addHelpText('after', modelHelp);
}

/**
 * Loads and explores the machine of `--machine`.
 * @throws {LoadError}, {ChartError}, {UsageError}
 */
export async function modelFrom(flags: ModelFlags, context: CommandContext): Promise<LoadedModel> {
  return modelOfLoaded(await machineFrom(flags.machine ?? '', context), flags);
}

/** Explores a machine. @throws {ChartError}, {UsageError} */
export async function modelOfLoaded(
  loaded: LoadedMachine,
  flags: ModelFlags,
): Promise<LoadedModel> {
  const exported = loaded.exports[optionsExport] ?? {};
  if (typeof exported !== 'object' || exported === null) {
    throw new UsageError(
      `${loaded.file}: the export ${optionsExport} is ${typeof exported}; expected an object with the options of modelOf`,
    );
  }
  const options = exported as ChartOptions;
  const given = await flagOptions(flags, process.cwd(), loaded.machine.id);
  const model = asChartError(() => modelOf(loaded.machine, merged(options, given)));
  return { model, loaded, options, flags: given };
}

/** Runs work with a chart; its errors become those of a command. @throws {ChartError} */
export function asChartError<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof ExploreError) && !(cause instanceof PayloadError)) throw cause;
    throw new ChartError(cause.code, hinted(cause.message), { cause });
  }
}

/** @throws {UsageError} for options that belong to the registration. */
export function refuseWithMachine(command: Command, names: readonly string[]): void {
  const flag = givenOption(command, names);
  if (flag === undefined) return;
  throw new UsageError(`${flag} belongs to the registration chart; leave it out with --machine`);
}

/** @throws {UsageError} for options that need `--machine`. */
export function refuseWithoutMachine(command: Command, names: readonly string[]): void {
  const flag = givenOption(command, ['outputs', 'events', 'enabledOnly', 'input', ...names]);
  if (flag !== undefined) throw new UsageError(`${flag} needs --machine FILE`);
}

function merged(options: ChartOptions, given: ModelOptions): ModelOptions {
  const { always: _, never: __, eventually: ___, leadsTo: ____, due: _____, ...model } = options;
  const payloads = { ...model.payloads, ...given.payloads };
  return { ...model, ...given, ...(Object.keys(payloads).length > 0 && { payloads }) };
}

async function flagOptions(
  flags: ModelFlags,
  folder: string,
  machine: string,
): Promise<ModelOptions> {
  const { input, outputs, events, enabledOnly } = flags;
  return {
    ...(input !== undefined && { input }),
    ...(outputs && { outputs }),
    ...(events !== undefined && {
      payloads: await payloadsIn(resolve(folder, events), events, machine),
    }),
    ...(enabledOnly && { enabledOnly }),
  };
}

function outputsFrom(text: string): readonly Observable[] {
  const names = text.split(',').map((name) => name.trim()) as Observable[];
  const unknown = names.find((name) => !observables.includes(name));
  if (unknown === undefined) return names;
  throw new UsageError(
    `--outputs has ${JSON.stringify(unknown)}; allowed: ${observables.join(', ')}, with commas`,
  );
}

/** The names of options in messages of the library, as the command line has them. */
function hinted(message: string): string {
  return message
    .replaceAll('(option events)', `(--events FILE, or ${optionsExport}.payloads of the module)`)
    .replaceAll('(option input)', '(--input JSON)')
    .replace(/\(option (\w+)/g, `(${optionsExport}.$1 of the module`);
}
