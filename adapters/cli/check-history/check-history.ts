import { type Command, Option } from 'commander';
import {
  HistoryChecker,
  type HistoryOverlap,
  type HistoryViolation,
} from '../../../machines/directory/history.js';
import { many } from '../analyze/read-text.js';
import { durationOption } from '../client-options.js';
import type { CommandContext } from '../context.js';
import { exitCodeHelp, exitCodes, UsageError } from '../exit-codes.js';
import type { Output } from '../output.js';
import { overlapText, violationText } from './history-text.js';
import { type ReadHistory, readHistory } from './read-history.js';

const examples = `
Examples:
  ixgate check-history recordings/
  ixgate check-history recordings/ --policy takeover --max-overlap 2s
  ixgate check-history recordings/ --cap 3 --json

DIR has the recordings of all gates of a cluster (ixgate serve --record), each in its own folder. Checked are the sessions whose name has a
cap: no epoch of a name is granted twice, epochs of a name rise, and a name never has more sessions at once than its cap. With takeover a
name may have two sessions until the gate of the older one hears of it: overlaps are listed, and are violations above --max-overlap.

`;

interface Flags {
  readonly cap: number;
  readonly policy: 'reject' | 'takeover';
  readonly maxOverlap: number;
  readonly maxClockDifference: number;
  readonly complete?: true;
}

/** `ixgate check-history`: whether the gates of a cluster kept the rules of names in a real run. */
export function addCheckHistory(command: Command, { output, outcome }: CommandContext): void {
  command
    .argument('<dir>', 'folder with the recordings of all gates, also in subfolders')
    .addOption(
      new Option('--cap <number>', 'maximum number of sessions of a name')
        .argParser(capOf)
        .default(1),
    )
    .addOption(
      new Option('--policy <policy>', 'policy for a name that is in use')
        .choices(['reject', 'takeover'])
        .default('reject'),
    )
    .addOption(
      durationOption(
        '--max-overlap <duration>',
        'with takeover: longest time that a name may have too many sessions',
      ).default(6_000, '6s'),
    )
    .addOption(
      durationOption(
        '--max-clock-difference <duration>',
        'difference of the clocks of two gates; subtracted from overlaps',
      ).default(50, '50ms'),
    )
    .option(
      '--complete',
      'all gates were stopped properly: a session without an end is a violation',
    )
    .option('--json', 'write JSON')
    .addHelpText('after', `${examples}${exitCodeHelp()}`)
    .action(async (dir: string, flags: Flags) => {
      outcome.code = checked(await readHistory(dir), flags, output);
    });
}

function capOf(text: string): number {
  const cap = Number(text);
  if (/^\d+$/.test(text) && cap >= 1 && cap <= 1_000_000) return cap;
  throw new UsageError(
    `--cap is ${JSON.stringify(text)}; allowed: a whole number from 1 to 1000000`,
  );
}

/** @returns the exit code */
function checked(history: ReadHistory, flags: Flags, output: Output): number {
  const violations: HistoryViolation[] = [];
  const overlaps: HistoryOverlap[] = [];
  const checker = new HistoryChecker(
    flags,
    (violation) => violations.push(violation),
    (overlap) => overlaps.push(overlap),
  );
  const open: string[] = [];
  let grants = 0;
  for (const event of history.events) {
    if (event.type === 'grant') {
      grants += 1;
      checker.grant(event);
    } else {
      checker.end(event);
      if (event.isOpen) open.push(`${event.session} of ${event.name} on ${event.node}`);
    }
  }
  const withoutEnd = flags.complete ? open : [];
  const { files, uncapped, missing, damaged } = history;
  const { red } = output.paint;
  const count = violations.length + withoutEnd.length;
  const longest = Math.max(0, ...overlaps.map(({ duration }) => duration ?? 0));
  const text = [
    ...violations.map((violation) => red(violationText(violation))),
    ...withoutEnd.map((session) => red(`no end: session ${session}`)),
    ...overlaps.map(overlapText),
    ...damaged.map(({ place, reason }) => `damaged line ${place}: ${reason}`),
    ...(missing > 0 ? [`${many(missing, 'step')} missing: the result may be incomplete`] : []),
    [
      many(grants, 'grant'),
      many(checker.names, 'name'),
      `${open.length} open at the end`,
      `${uncapped} without a cap`,
      many(files, 'file'),
      many(overlaps.length, 'overlap') + (longest > 0 ? ` (longest ${longest} ms)` : ''),
      many(count, 'violation'),
    ].join(', '),
  ];
  output.tell(text.join('\n'), {
    ...{ grants, names: checker.names, open: open.length, uncapped, files, missing },
    ...{ violations, withoutEnd, overlaps, damaged },
  });
  return count === 0 ? exitCodes.ok.code : exitCodes.failed.code;
}
