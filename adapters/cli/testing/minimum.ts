/** `--min-states` and `--min-transitions`: how much must be covered. */
import { type Command, Option } from 'commander';
import { UsageError } from '../exit-codes.js';

export interface MinimumFlags {
  /** Percent. */
  readonly minStates?: number;
  readonly minTransitions?: number;
}

/** What is covered, with a minimum. */
interface Part {
  readonly covered: number;
  readonly of: number;
}

export function addMinimumOptions(command: Command): Command {
  const option = (name: string, what: string) =>
    new Option(`${name} <percent>`, `minimum of covered ${what}; exit code 1 below it`).argParser(
      (text) => percentFrom(name, text),
    );
  return command
    .addOption(option('--min-states', 'states'))
    .addOption(option('--min-transitions', 'transitions'));
}

/** What is below its minimum, one sentence each. */
export function shortfalls(
  parts: { readonly states: Part; readonly transitions: Part },
  { minStates = 0, minTransitions = 0 }: MinimumFlags,
): string[] {
  const minimums = [
    ['states', parts.states, minStates],
    ['transitions', parts.transitions, minTransitions],
  ] as const;
  return minimums.flatMap(([name, { covered, of }, minimum]) => {
    // Exact: 2 of 3 are not 66.67 percent.
    if (covered * 100 >= minimum * of) return [];
    const share = Math.floor((covered * 1_000) / of) / 10;
    return [`${name}: ${share} % are covered, the minimum is ${minimum} %`];
  });
}

function percentFrom(name: string, text: string): number {
  const percent = text.trim() === '' ? Number.NaN : Number(text);
  if (percent >= 0 && percent <= 100) return percent;
  throw new UsageError(`${name} is ${JSON.stringify(text)}; expected a number from 0 to 100`);
}
