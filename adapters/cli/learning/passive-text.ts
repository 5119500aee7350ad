/** What recordings show of a server, for people. */
import type { PassiveResult } from '../../../machines/engine/learning/passive.js';
import type { PassiveDifference } from '../../../machines/engine/learning/passive-differences.js';
import {
  edgeOf,
  silence,
  stateNamed,
  type TimedMachine,
} from '../../../machines/engine/learning/timed-machine.js';
import { countLine, formatRow } from '../../runtime/text-table.js';
import { sessionLadder } from '../../tester/learning/witness-ladder.js';
import { many } from '../analyze/read-text.js';
import type { Output } from '../output.js';
import { differenceTitle } from './difference-text.js';
import type { RecordedSessions } from './recorded-sessions.js';
import { section } from './report-section.js';

export function passiveText(
  result: PassiveResult,
  expected: TimedMachine,
  { leftOut, outside }: RecordedSessions,
  paint: Output['paint'],
): string {
  const { sessions, departed, differences, doubtful, unknown } = result;
  const counts = [
    ...[...leftOut].map(([why, count]) => `left out: ${many(count, 'session')} ${why}`),
    ...[...outside].map(
      ([why, count]) => `the end is not judged: ${many(count, 'session')} (${why})`,
    ),
  ];
  const late = doubtful.map(
    ({ input, expectedState, kind, sessions: count }) =>
      `  ${kind} of ${input} in ${expectedState}: ${many(count, 'session')}`,
  );
  const seen = result.edges.filter(({ count }) => count > 0);
  return [
    ...section(paint.bold('Edges that sessions have taken'), edgeLines(seen, expected, result)),
    ...section(paint.bold('Edges that no session has taken'), unseenLines(result)),
    ...section(
      paint.bold('Not known'),
      unknown.map((line) => `  ${line}`),
    ),
    ...section(paint.bold('Late timeouts in too few sessions to count as differences'), late),
    ...differences.flatMap((one, index) => differenceLines(one, index + 1, sessions, paint)),
    `${many(sessions, 'session')}, ${departed} of them differ from the figure; ${many(differences.length, 'difference')}`,
    ...counts,
  ].join('\n');
}

function edgeLines(
  edges: PassiveResult['edges'],
  expected: TimedMachine,
  { lengths }: PassiveResult,
): string[] {
  const width = Math.max(0, ...edges.map(({ count }) => String(count).length)) + 2;
  const columns = ['from', 'input', 'output'] as const;
  const widths = columns.map((key) => ({
    width: Math.max(0, ...edges.map((edge) => shown(edge[key]).length)),
  }));
  return edges.map((edge) => {
    const { from, input, count } = edge;
    const { to, clock } = edgeOf(stateNamed(expected, from), input) ?? { to: '', clock: 'none' };
    const length = input === silence ? lengths[from] : undefined;
    const time = length === undefined || length === null ? '' : `after ${length} ms`;
    const effect = { start: 'starts the clock', keep: 'keeps the clock', stop: '', none: '' };
    const notes = [`-> ${to}`, effect[clock], time].filter(Boolean).join(', ');
    const cells = columns.map((key) => shown(edge[key]));
    return countLine(count, `${formatRow(cells, widths)}  ${notes}`, width);
  });
}

function shown(text: string): string {
  return text || 'nothing';
}

function unseenLines({ edges }: PassiveResult): string[] {
  const unseen = edges.filter(({ count }) => count === 0);
  const states = [...new Set(unseen.map(({ from }) => from))];
  return states.map((state) => {
    const inputs = unseen.filter(({ from }) => from === state).map(({ input }) => input);
    return `  ${state}: ${inputs.join(', ')}`;
  });
}

function differenceLines(
  difference: PassiveDifference,
  number: number,
  sessions: number,
  paint: Output['paint'],
): string[] {
  const { first, example, witness } = difference;
  const count = `${difference.sessions} of ${many(sessions, 'session')}`;
  return [
    paint.red(`${number}. ${differenceTitle(difference, ['expected', 'observed'])}`),
    `   ${count}; first seen in session ${first}; shortest: ${example.name}`,
    '',
    sessionLadder(example.steps, witness),
  ];
}
