/** `--protocol`: the option of commands that take other protocols than the registration. */
import { type Command, Option } from 'commander';
import { duration, durationsAllowed, InvalidValueError } from '../../runtime/quantities.js';
import type { ChosenProtocol, ProtocolChoices } from '../../tester/protocols/index.js';
import type { CommandContext } from '../context.js';
import { asUsageError, UsageError } from '../exit-codes.js';

export interface ProtocolFlags {
  readonly protocol?: string;
  readonly setting?: Readonly<Record<string, string>>;
  /** Milliseconds. */
  readonly timer?: Readonly<Record<string, number>>;
  readonly value?: Readonly<Record<string, string>>;
}

/** The options that come with `--protocol`, by the names of commander. */
const own = ['protocol', 'setting', 'timer', 'value'];

const lengths = { min: '1ms', max: '24d' };

/** Adds `--protocol` and `--setting`; for live servers also `--timer` and `--value`. */
export function addProtocolOptions(command: Command, isLive: boolean): Command {
  command
    .option(
      '--protocol <name|file>',
      'protocol to use instead of the registration: mqtt-connect, or a TypeScript or JavaScript file (docs/protocols.md)',
    )
    .addOption(
      new Option(
        '--setting <name=value>',
        'setting of the protocol, e.g. version=5; may be repeated',
      ).argParser(pairs('--setting', (text) => text)),
    );
  if (!isLive) return command;
  return command
    .addOption(
      new Option(
        '--timer <name=duration>',
        'length of a timer of the server, e.g. connectTimeout=30s; may be repeated (1ms to 24d)',
      ).argParser(pairs('--timer', length)),
    )
    .addOption(
      new Option(
        '--value <name=value>',
        'value that the protocol needs to speak to the server, e.g. password=secret; may be repeated',
      ).argParser(pairs('--value', (text) => text)),
    );
}

/**
 * Whether a command is for a protocol, whose options it then checks.
 * @param allowed the options of the command that any protocol has, by the names of commander.
 * @throws {UsageError} for other options with `--protocol`, and for options of protocols without it.
 */
export function isForProtocol(command: Command, allowed: readonly string[]): boolean {
  const given = command.options.filter(
    (option) => command.getOptionValueSource(option.attributeName()) === 'cli',
  );
  const names = given.map((option) => option.attributeName());
  if (!names.includes('protocol')) {
    const stray = given.find((option) => own.includes(option.attributeName()));
    if (stray) throw new UsageError(`${stray.long} needs --protocol, e.g. --protocol mqtt-connect`);
    return false;
  }
  const all = [...own, ...allowed];
  const foreign = given.find((option) => !all.includes(option.attributeName()));
  if (!foreign) return true;
  const flags = command.options.filter((option) => all.includes(option.attributeName()));
  throw new UsageError(
    `${foreign.long} cannot be combined with --protocol; allowed with it: ${flags.map(({ long }) => long).join(', ')}`,
  );
}

/**
 * Loads the protocol of `--protocol` with the choices of the other options. The module of a file may leave timers and sockets open, so
 * the process ends with the command.
 * @param about whether it is tested on a live server (then inputs that need missing values are left out), and settings instead of those
 * of the options, e.g. of a suite file.
 * @throws {LoadError}; {UsageError}
 */
export async function protocolFrom(
  { protocol: source = '', ...flags }: ProtocolFlags,
  { outcome }: Pick<CommandContext, 'outcome'>,
  about: { readonly isLive?: true; readonly settings?: ProtocolFlags['setting'] } = {},
): Promise<ChosenProtocol & { readonly choices: ProtocolChoices; readonly source: string }> {
  const { chooseProtocol, isKnownProtocol, loadProtocol } = await import(
    '../../tester/protocols/index.js'
  );
  if (!isKnownProtocol(source)) outcome.endsProcess = true;
  const live = await loadProtocol(source, process.cwd());
  const choices = {
    settings: about.settings ?? flags.setting,
    timers: flags.timer,
    ...(about.isLive && { values: flags.value ?? {} }),
  };
  return asUsageError(() => ({ ...chooseProtocol(live, choices), choices, source }));
}

/** Parses `name=value`, and adds it to those before. */
function pairs<Value>(flag: string, parse: (text: string, flag: string) => Value) {
  return (text: string, before: Readonly<Record<string, Value>> = {}) => {
    const at = text.indexOf('=');
    if (at < 1) {
      throw new UsageError(`${flag} is ${JSON.stringify(text)}; expected name=value`);
    }
    return { ...before, [text.slice(0, at)]: parse(text.slice(at + 1), flag) };
  };
}

function length(text: string, flag: string): number {
  try {
    return duration(text, lengths);
  } catch (error) {
    if (!(error instanceof InvalidValueError)) throw error;
    throw new UsageError(
      `${flag} has ${JSON.stringify(text)}; allowed: name=${durationsAllowed(lengths)}`,
    );
  }
}
