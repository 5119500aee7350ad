import { duration, visible } from '../../../machines/text/format.js';
import { countLine, cutTo, padCell } from '../../runtime/text-table.js';
import { timeText } from '../../runtime/times.js';
import type { Output } from '../output.js';
import type { DurationStatistics } from './durations-seen.js';
import type { Summary } from './log-summary.js';
import { durationOrDash } from './session-fields.js';

type Paint = Output['paint'];

/** Maximum number of lines of each list; JSON has them all. */
const mostLines = 20;
const countWidth = 9;

/** A summary as text without the end of the last line. */
export function summaryText(summary: Summary, paint: Paint): string {
  if (summary.sessions === 0) return 'no sessions';
  const parts: [title: string, lines: string[]][] = [
    ['verdicts', counts(summary.verdicts.map(({ words, sessions }) => [words, sessions]))],
    ['types', counts(summary.types.map(named), summary.otherTypes)],
    ['how they ended', counts(summary.endings.map(named))],
    ['errors', counts(summary.errors.map(errorNamed), summary.otherErrors)],
    ['times', times(summary)],
    ['slowest answers', slowest(summary)],
    ['repeat offenders', offenders(summary)],
    ['over time', overTime(summary)],
  ];
  return parts
    .filter(([, lines]) => lines.length > 0)
    .map(([title, lines]) => [paint.bold(title), ...lines.map((line) => `  ${line}`)].join('\n'))
    .join('\n\n');
}

const named = ({ name, sessions }: { name: string; sessions: number }): [string, number] => [
  name,
  sessions,
];
const errorNamed = ({ code, text, sessions }: Summary['errors'][number]): [string, number] => [
  `${code ?? 'no code'}  ${text}`,
  sessions,
];

/** @param others number of items beyond the limit of names */
function counts(entries: readonly (readonly [string, number])[], others = 0): string[] {
  const line = (count: number, name: string) => countLine(count, name, countWidth);
  return [
    ...shortened(entries, ([name, count]) => line(count, cutTo(visible(name), 100))),
    ...(others > 0 ? [line(others, 'others, beyond the limit of distinct names')] : []),
  ];
}

function shortened<Entry>(entries: readonly Entry[], line: (entry: Entry) => string): string[] {
  const more = entries.length - mostLines;
  const lines = entries.slice(0, mostLines).map(line);
  return more > 0 ? [...lines, `and ${more} more; --json has them all`] : lines;
}

function times({ answers, registrationDeadline, rejectionDeadline }: Summary): string[] {
  const line = (what: string, found: string) => `${padCell(what, { width: 22 })}${found}`;
  return [
    ...(answers
      ? [
          line(
            'answers',
            `${answers.count}: half within ${duration(answers.p50)}, 95 % within ${duration(answers.p95)}, the slowest ${duration(answers.max)}`,
          ),
        ]
      : []),
    ...(registrationDeadline
      ? [line('registration deadline', deadline(registrationDeadline))]
      : []),
    ...(rejectionDeadline ? [line('rejection deadline', deadline(rejectionDeadline))] : []),
  ];
}

function deadline({ p50, min, max, count }: DurationStatistics): string {
  const range = min === max ? '' : `, from ${Math.round(min)} ms to ${Math.round(max)} ms`;
  return `${duration(p50)}${range} (seen ${count === 1 ? 'once' : `${count} times`})`;
}

function slowest(summary: Summary): string[] {
  return summary.slowest.map(({ session, client, start, answeredAfter, words }) => {
    const time = padCell(durationOrDash(answeredAfter), { width: 11, align: 'right' });
    const [id, name] = [session, client].map((text) => cutTo(visible(text), 40));
    return `${time}  ${start.replace('T', ' ')}  ${id}  ${name}  ${words}`;
  });
}

function offenders({ offenders: found, otherNames }: Summary): string[] {
  return [
    ...shortened(found, ({ client, sessions, period, loop }) =>
      countLine(
        sessions,
        `${cutTo(visible(client), 40)} looping ${loop ?? 'in several ways'} every ${duration(period)}`,
        countWidth,
      ),
    ),
    ...(otherNames > 0 ? [`${otherNames} sessions of further names, beyond the limit`] : []),
  ];
}

function overTime({ overTime: found }: Summary): string[] {
  if (!found) return [];
  const { from, to, width, all, unregistered } = found;
  const line = (what: string, numbers: readonly number[]) =>
    `${padCell(what, { width: 14 })}${spark(numbers, Math.max(...all))}  ${numbers.reduce((sum, one) => sum + one, 0)}`;
  return [
    line('all', all),
    line('unregistered', unregistered),
    `${' '.repeat(14)}${timeText(from)} to ${timeText(to)}, ${duration(width)} a column`,
  ];
}

/** Draws a sparkline; both lines have the same scale, and a zero is blank. */
function spark(numbers: readonly number[], highest: number): string {
  const columns = '▁▂▃▄▅▆▇█';
  const columnOf = (number: number) => columns[Math.ceil((number / highest) * columns.length) - 1];
  return numbers.map((number) => columnOf(number) ?? ' ').join('');
}
