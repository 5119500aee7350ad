/** The man page, made from the commands themselves: `npm run readme`. */
import {
  type DescribedArgument,
  type DescribedCommand,
  type DescribedOption,
  describedCommands,
} from '../adapters/cli/described.js';
import { exitCodeHelp, exitCodes } from '../adapters/cli/exit-codes.js';
import { Output } from '../adapters/cli/output.js';
import { contextOf } from '../adapters/cli/program.js';
import { configNames, serveKeys, variableOf } from '../adapters/config/index.js';

async function manPage(): Promise<string> {
  const commands = describedCommands(await contextOf(new Output(false)).wholeProgram());
  const [program, ...others] = commands;
  if (!program) throw new Error('there are no commands');
  const parts = [
    '.\\" Made by npm run readme; do not edit.',
    '.TH IXGATE 1 "" "ixgate" "ixgate"',
    // Names of options are neither hyphenated nor stretched.
    '.nh',
    '.ad l',
    section('NAME', 'ixgate \\- a gate for the registration of clients of an Interaction Server'),
    section('SYNOPSIS', `.B ixgate\n${roff('[options] command [options] [arguments]')}`),
    section('DESCRIPTION', roff(program.description)),
    section('OPTIONS', program.options.map(optionText).join('\n')),
    section('COMMANDS', others.map(commandText).join('\n')),
    section('EXIT STATUS', exitText()),
    section('ENVIRONMENT', environmentText()),
    section('FILES', filesText()),
    section('EXAMPLES', example(notesOf(program).replace(/^Examples:\n/, ''))),
    section('SEE ALSO', roff('The folder docs of the package: start.md, operate.md, options.md.')),
  ];
  return `${parts.join('\n')}\n`;
}

function section(name: string, text: string): string {
  return `.SH ${name}\n${text}`;
}

function commandText(command: DescribedCommand): string {
  const { path, usage, description, options, arguments: given } = command;
  const notes = notesOf(command);
  return [
    `.SS ${roff(['ixgate', ...path, usage].join(' '))}`,
    roff(`${description}.`),
    ...given.map(argumentText),
    ...options.map(optionText),
    ...(notes === '' ? [] : ['.PP', example(notes)]),
  ].join('\n');
}

function argumentText({ name, description }: DescribedArgument): string {
  return `.TP\n.I ${roff(name)}\n${roff(description || 'see below')}`;
}

function optionText({ flag, short, argument, description }: DescribedOption): string {
  const names = short === null ? flag : `${short}, ${flag}`;
  const value = argument === null ? '' : ` ${argument}`;
  return `.TP\n.B ${roff(`${names}${value}`)}\n${roff(description)}`;
}

function exitText(): string {
  return Object.values(exitCodes)
    .map(({ code, meaning }) => `.TP\n.B ${code}\n${roff(meaning)}`)
    .join('\n');
}

function environmentText(): string {
  const variables = serveKeys.map(variableOf).join(', ');
  return [
    `.TP\n.B IXGATE_CONFIG\nThe configuration file, as \\-\\-config.`,
    `.TP\n.B NO_COLOR\nOutput without colours, if it is not empty.`,
    `.PP\n${roff(`Each option of ixgate serve has a variable: ${variables}.`)}`,
  ].join('\n');
}

function filesText(): string {
  const names = configNames.map(
    (name, index) => `${index === 0 ? '.TP' : '.TQ'}\n.I ${roff(name)}`,
  );
  return `${names.join('\n')}\nThe configuration, in the working directory.`;
}

/** The notes of a command without the exit codes, which have a section. */
function notesOf({ notes }: DescribedCommand): string {
  return notes.replace(exitCodeHelp(), '').trim();
}

/** Text whose lines stay as they are. */
function example(text: string): string {
  return `.nf\n${text.split('\n').map(roff).join('\n')}\n.fi`;
}

/** Text in which no character has a meaning for roff. */
function roff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('^', '\\(ha')
    .replaceAll('~', '\\(ti')
    .replaceAll('`', '\\(ga')
    .replace(/^(?=[.'])/, '\\&');
}

/** The text of `man/ixgate.1`. Made while the module is loaded: afterwards vite loads no more modules, and commands are loaded on demand. */
export const manual: string = await manPage();
