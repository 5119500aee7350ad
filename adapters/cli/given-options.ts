import type { Command } from 'commander';

/**
 * The flag of the first of some options that the user has given, e.g. `--seed`; undefined for none.
 * @param names of options as commander has them, e.g. `maxStates`
 */
export function givenOption(command: Command, names: readonly string[]): string | undefined {
  const given = names.find((name) => command.getOptionValueSource(name) === 'cli');
  return command.options.find((option) => option.attributeName() === given)?.long;
}
