/** The commands with their options and arguments as data, for shell completions and the man page. */
import type { Argument, Command, Option } from 'commander';
import { flagOf, type OptionRow, serveKeys, serveOptions } from '../config/index.js';

/** What may stand in a place: one of some words, the path of a file or a folder, or any text. */
export type Values = readonly string[] | 'file' | 'folder' | 'text';

export interface DescribedOption {
  /** `--listen`. */
  readonly flag: string;
  /** `-V`; null without one. */
  readonly short: string | null;
  /** `<endpoint>` as in the help; null for a switch. */
  readonly argument: string | null;
  readonly description: string;
  /** Null for a switch. */
  readonly values: Values | null;
  readonly isOptional: boolean;
}

export interface DescribedArgument {
  /** `<file...>` as in the help. */
  readonly name: string;
  readonly description: string;
  readonly values: Values;
}

export interface DescribedCommand {
  /** The words after `ixgate`; empty for the program. */
  readonly path: readonly string[];
  readonly usage: string;
  readonly description: string;
  readonly options: readonly DescribedOption[];
  readonly arguments: readonly DescribedArgument[];
  /** The commands below it, without hidden ones. */
  readonly commands: readonly { readonly name: string; readonly description: string }[];
  /** The text of the help after the options. */
  readonly notes: string;
}

/** A command and all commands below it, without hidden ones. */
export function describedCommands(
  command: Command,
  path: readonly string[] = [],
): DescribedCommand[] {
  const help = command.createHelp();
  const below = help.visibleCommands(command);
  const described: DescribedCommand = {
    path,
    usage: command.usage(),
    description: command.description(),
    options: help.visibleOptions(command).map(describedOption),
    arguments: command.registeredArguments.map(describedArgument),
    commands: below.map((one) => ({ name: one.name(), description: one.description() })),
    notes: notesOf(command),
  };
  return [described, ...below.flatMap((one) => describedCommands(one, [...path, one.name()]))];
}

function describedOption(option: Option): DescribedOption {
  const argument = /[<[].*[\]>]$/.exec(option.flags)?.[0] ?? null;
  return {
    flag: option.long ?? option.flags,
    short: option.short ?? null,
    argument,
    description: withDefault(option),
    values: argument === null ? null : valuesOf(argument, option.argChoices ?? choicesOf(option)),
    isOptional: option.optional,
  };
}

/** The description as in the help: some have their default in it, of others commander adds it. */
function withDefault({ description, defaultValue, defaultValueDescription }: Option): string {
  if (defaultValue === undefined || typeof defaultValue === 'boolean') return description;
  return `${description} (default ${defaultValueDescription ?? defaultValue})`;
}

/** The choices of an option of `ixgate serve`: its table checks them, not commander. */
function choicesOf({ long }: Option): readonly string[] | undefined {
  const key = serveKeys.find((one) => flagOf(one) === long);
  const row: OptionRow | undefined = key && serveOptions[key];
  const { type, options } = (row?.schema ?? {}) as { type?: string; options?: readonly string[] };
  return type === 'picklist' ? options : undefined;
}

function describedArgument(argument: Argument): DescribedArgument {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
  const shown = argument.required ? `<${name}>` : `[${name}]`;
  return {
    name: shown,
    description: argument.description,
    values: valuesOf(shown, argument.argChoices),
  };
}

function valuesOf(shown: string, choices: readonly string[] | undefined): Values {
  if (choices !== undefined) return choices;
  if (/^.file(\.\.\.)?.$/.test(shown)) return 'file';
  return shown === '<folder>' ? 'folder' : 'text';
}

/** The help of a command is written in one piece; what comes after the options is what is longer than the rest. */
function notesOf(command: Command): string {
  let whole = '';
  const output = command.configureOutput();
  command.configureOutput({ ...output, writeOut: (text) => (whole += text) });
  command.outputHelp();
  command.configureOutput(output);
  return whole.slice(command.helpInformation().length).trim();
}
