import { type Command, Option } from 'commander';
import { machineFormats } from '../../../machines/engine/learning/formats.js';
import { durationOption } from '../client-options.js';
import type { CommandContext } from '../context.js';
import { exitCodeHelp, UsageError } from '../exit-codes.js';
import type { LearnFlags } from './learn-flags.js';

const examples = `
Examples:
  ixgate learn --from recordings/
  ixgate learn --from ixn_lab.log --registration-timeout 10s --rejection-timeout 5s
  ixgate learn --from monday.jsonl tuesday.jsonl --out learned.json
  ixgate learn --from recordings/ --format mermaid

With --from the command sends nothing. It follows each recorded session on the chart, counts the edges, and shows where sessions depart.
It reads what ixgate analyze reads: recordings, logs, and folders of them.

`;

/** `ixgate learn`: the machine of a server with its clocks, beside the figure. */
export function addLearn(command: Command, { output, outcome }: CommandContext): void {
  command
    .argument('[endpoint]', 'not supported yet; use --from')
    .option('--from <file...>', 'recordings, logs, folders of them, or - for standard input')
    .addOption(
      durationOption(
        '--registration-timeout <duration>',
        'expected registration deadline (default: measured)',
      ),
    )
    .addOption(
      durationOption(
        '--rejection-timeout <duration>',
        'expected rejection deadline (default: measured)',
      ),
    )
    .addOption(
      durationOption(
        '--tolerance <duration>',
        'difference of equal lengths (default: a tenth of each, from 50ms to 500ms)',
      ),
    )
    .addOption(
      new Option(
        '--format <format>',
        'write only the machine: mermaid, dot (AALpy, LearnLib), xstate, json',
      ).choices(machineFormats),
    )
    .option('--out <file>', 'write the learned machine, for ixgate diff; overwrites the file')
    .option('--json', 'write JSON')
    .addHelpText('after', `${examples}${exitCodeHelp()}`)
    .action(async (endpoint: string | undefined, flags: LearnFlags) => {
      const { from } = flags;
      if (endpoint !== undefined) {
        throw new UsageError(
          `cannot learn from ${JSON.stringify(endpoint)}: expected --from with recordings or logs`,
        );
      }
      if (from === undefined)
        throw new UsageError('--from is missing; expected recordings or logs');
      if (flags.format !== undefined && output.json) {
        throw new UsageError('--format and --json cannot be combined; choose one');
      }
      const { learnFrom } = await import('./learn-from.js');
      outcome.code = await learnFrom(from, flags, output);
    });
}
