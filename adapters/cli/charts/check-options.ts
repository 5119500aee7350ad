/** The options of `ixgate check --machine`. What they need is loaded only with them. */
import { type Command, Option } from 'commander';
import type { CommandContext } from '../context.js';
import type { CheckChartFlags } from './check-chart.js';
import { addModelOptions, refuseWithMachine } from './model-options.js';

const collected = (text: string, before: readonly string[] = []) => [...before, text];

export function addChartCheckOptions(command: Command): Command {
  const repeatable = (flags: string, description: string) =>
    new Option(flags, `with --machine: ${description}; repeatable`).argParser(collected);
  return addModelOptions(command)
    .addOption(repeatable('--always <state>', 'a state (on.loud) or tag (#busy) that always holds'))
    .addOption(repeatable('--never <state>', 'a state or tag that must never hold'))
    .addOption(repeatable('--eventually <state>', 'a state or tag that holds sooner or later'))
    .addOption(repeatable('--leads-to <a,b>', 'whenever the first holds, the second holds later'))
    .addOption(
      repeatable('--due <input>', 'an input that happens sooner or later, as timers always do'),
    );
}

export async function checkForChart(
  command: Command,
  flags: object,
  context: CommandContext,
): Promise<number> {
  refuseWithMachine(command, ['bound', 'record', 'fault', 'faults']);
  const { checkChart } = await import('./check-chart.js');
  return checkChart(flags as CheckChartFlags, context);
}
