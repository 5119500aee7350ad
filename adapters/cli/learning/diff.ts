import type { Command } from 'commander';
import { differencesOf } from '../../../machines/engine/learning/differences.js';
import type { LearnedFile } from '../../../machines/engine/learning/learned-file.js';
import { readLearned } from '../../tester/learning/learned-files.js';
import { machineLadder } from '../../tester/learning/witness-ladder.js';
import { many } from '../analyze/read-text.js';
import { durationOption } from '../client-options.js';
import type { CommandContext } from '../context.js';
import { exitCodeHelp, exitCodes } from '../exit-codes.js';
import { differenceTitle } from './difference-text.js';

const examples = `
Examples:
  ixgate learn --from monday.jsonl --out monday.json
  ixgate learn --from tuesday.jsonl --out tuesday.json
  ixgate diff monday.json tuesday.json

Each difference is shown once, with a shortest session that shows it. What one of the files has not observed is not compared.

`;

/** `ixgate diff`: where two learned machines differ. */
export function addDiff(command: Command, { output, outcome }: CommandContext): void {
  command
    .argument('<a>', 'file of ixgate learn --out')
    .argument('<b>', 'the other file')
    .addOption(
      durationOption(
        '--tolerance <duration>',
        'difference of equal lengths (default: the larger of the files)',
      ),
    )
    .option('--json', 'write JSON')
    .addHelpText('after', `${examples}${exitCodeHelp()}`)
    .action(async (a: string, b: string, flags: { readonly tolerance?: number }) => {
      const [one, other] = await Promise.all([readLearned(a), readLearned(b)]);
      const tolerance = flags.tolerance ?? Math.max(one.tolerance, other.tolerance);
      const differences = differencesOf(one.machine, other.machine, tolerance);
      const notCompared = {
        a: missingFrom(one, other),
        b: missingFrom(other, one),
      };
      const sides = (['a', 'b'] as const).flatMap((side) =>
        notCompared[side].length === 0
          ? []
          : [`only ${side === 'a' ? a : b} has: ${notCompared[side].join(', ')}`],
      );
      const { red } = output.paint;
      const lines = differences.flatMap((difference, index) => [
        red(`${index + 1}. ${differenceTitle(difference, [a, b])}`),
        '',
        a,
        machineLadder(one.machine, difference.witness),
        b,
        machineLadder(other.machine, difference.witness),
      ]);
      const text = [...lines, ...sides, countText(differences.length)].join('\n');
      output.tell(text, { a, b, tolerance, differences, notCompared });
      outcome.code = differences.length === 0 ? exitCodes.ok.code : exitCodes.failed.code;
    });
}

function missingFrom({ machine }: LearnedFile, other: LearnedFile): string[] {
  return machine.inputs.filter((input) => !other.machine.inputs.includes(input));
}

function countText(count: number): string {
  return count === 0 ? 'no difference' : many(count, 'difference');
}
