/** The timer policy of a server as text for a terminal. */
import { inMilliseconds as ms } from '../../../machines/registration/figures/observed.js';
import type { TimerPolicy } from '../../../machines/registration/sut/timer-policy.js';
import { visible } from '../../../machines/text/format.js';
import { formatRow, widestOf } from '../../runtime/text-table.js';
import { noPaint, type Paint } from '../paint.js';
import type { TimerPolicyPlay, TimerPolicyReport } from './result.js';

const firstErrors: Readonly<Record<TimerPolicy['firstError'], string>> = {
  replaces: 'the rejection deadline replaces the registration deadline',
  'first-wins': 'both deadlines run, and the first to expire counts',
  absolute: 'the registration deadline runs on, and there is no other',
};

const laterErrors: Readonly<Record<TimerPolicy['laterErrors'], string>> = {
  keeps: 'the rejection deadline stays',
  restarts: 'the rejection deadline restarts',
};

/** The part of the report about the timer policy, with a heading. */
export function renderTimerPolicy(report: TimerPolicyReport, paint: Paint = noPaint): string[] {
  const { learned, reason, gate, plays } = report;
  const choices = [
    ['first EventError', learned && firstOf(learned), firstOf(gate)],
    ['later EventErrors', learned && laterOf(learned), laterOf(gate)],
  ] as const;
  const columns = [{ width: widestOf(choices.map(([choice]) => choice)) }];
  return [
    paint.bold('Timer policy (the document leaves it open)'),
    ...(learned
      ? []
      : [
          `  not learned: ${visible(reason ?? 'unknown')}; the cases expect what ixgate’s gate does`,
        ]),
    ...choices.map(([choice, server, own]) => {
      const gates = server === own ? 'ixgate’s gate does the same' : `ixgate’s gate: ${own}`;
      return `  ${formatRow([choice, server ? `${server}; ${gates}` : gates], columns)}`;
    }),
    ...measured(plays),
  ];
}

function firstOf({ firstError }: TimerPolicy): string {
  return `${firstError}: ${firstErrors[firstError]}`;
}

function laterOf({ firstError, laterErrors: later }: TimerPolicy): string {
  return firstError === 'absolute'
    ? 'there is no deadline that they restart'
    : `${later}: ${laterErrors[later]}`;
}

function measured(plays: readonly TimerPolicyPlay[]): string[] {
  const columns = [{ width: widestOf(plays.map(({ play }) => play)) }];
  return plays.map(({ play, errorsAt, disconnectedAt, expectedAt }) => {
    const errors = errorsAt.length > 0 ? `EventError at ${errorsAt.map(ms).join(', ')}; ` : '';
    const end = disconnectedAt === null ? 'no disconnect' : `disconnect at ${ms(disconnectedAt)}`;
    const expected = expectedAt === null ? '' : ` (expected ${ms(expectedAt)})`;
    return `  ${formatRow([play, `${errors}${end}${expected}`], columns)}`.trimEnd();
  });
}
