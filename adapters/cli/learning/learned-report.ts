/** What was learned of a live server, for people. */
import { clockTexts } from '../../../machines/engine/learning/clock-words.js';
import { type Difference, edgeText } from '../../../machines/engine/learning/differences.js';
import type { LearnedFile } from '../../../machines/engine/learning/learned-file.js';
import {
  type ClockEffect,
  silence,
  stateNamed,
  type TimedEdge,
  type TimedMachine,
} from '../../../machines/engine/learning/timed-machine.js';
import { duration } from '../../../machines/text/format.js';
import { formatRow } from '../../runtime/text-table.js';
import { machineLadder } from '../../tester/learning/witness-ladder.js';
import { many } from '../analyze/read-text.js';
import type { Output } from '../output.js';
import { differenceTitle } from './difference-text.js';
import { section } from './report-section.js';

export function learnedReport(file: LearnedFile, paint: Output['paint']): string {
  const { machine, expected, tolerance, differences, unknown, guarantee } = file;
  const open = machine.states.filter(({ isClosed }) => !isClosed).length;
  const title = `${file.target}: ${many(open, 'open state')}, ${file.connections} connections, ${duration(file.elapsed)}`;
  const clocks = clockTexts(machine, tolerance).flatMap((clock) => [
    `  ${clock.title}`,
    ...clock.lines.map((line) => `    ${line}`),
  ]);
  return [
    paint.bold(title),
    '',
    ...stateLines(machine),
    ...section(paint.bold('Clocks'), clocks),
    ...section(
      paint.bold('Not known'),
      unknown.map((line) => `  ${line}`),
    ),
    ...grouped(differences).flatMap((one, index) => [
      paint.red(`${index + 1}. ${differenceTitle(one, ['expected', 'observed'])}`),
      '',
      machineLadder(machine, one.witness),
    ]),
    ...clockNote(file),
    ...(expected === null ? [] : [verdict(file, paint)]),
    guarantee === null ? 'Not completed: no guarantee.' : `Guarantee: ${guarantee}.`,
  ].join('\n');
}

/** Differences of inputs that do the same are one, with the session of the first. */
function grouped(differences: readonly Difference[]): Difference[] {
  const groups = new Map<string, Difference>();
  for (const one of differences) {
    const { kind, expectedState, observedState, expected, observed } = one;
    const key = JSON.stringify([kind, expectedState, observedState, expected, observed]);
    const first = groups.get(key);
    groups.set(key, first ? { ...first, input: `${first.input}, ${one.input}` } : one);
  }
  return [...groups.values()];
}

/** What the document of Genesys leaves open is not a mistake of a server. */
function clockNote({ protocol, differences }: LearnedFile): string[] {
  const isOpen = ({ kind, expected, observed }: Difference) =>
    kind === 'clock' && [expected, observed].every((one) => one === 'start' || one === 'keep');
  if (protocol !== 'registration' || !differences.some(isOpen)) return [];
  return [
    'Which message starts or keeps a clock is a choice of this chart: the document says only that a timeout disconnects the client.',
    '',
  ];
}

function verdict({ differences, guarantee }: LearnedFile, paint: Output['paint']): string {
  const { length } = grouped(differences);
  if (length > 0) return paint.red(`${many(length, 'difference')} from the figure`);
  const text = 'No difference from the figure';
  return guarantee === null ? `${text} so far` : paint.green(text);
}

const effects: Readonly<Record<ClockEffect, string>> = {
  start: ', starts the clock',
  keep: ', keeps the clock',
  stop: ', stops the clock',
  none: '',
};

/** The edges of each state; inputs with the same effect are one line. */
function stateLines(machine: TimedMachine): string[] {
  return machine.states.flatMap(({ name, isClosed, timeout, edges }) => {
    if (isClosed) return [];
    const rows = new Map<string, { inputs: string[]; edge: TimedEdge; note: string }>();
    for (const [input, edge] of Object.entries(edges)) {
      const isEnd = stateNamed(machine, edge.to).isClosed;
      const note = `-> ${edge.to}${isEnd ? '' : effects[edge.clock]}`;
      const key = `${edge.output} ${note}`;
      const row = rows.get(key) ?? { inputs: [], edge, note };
      row.inputs.push(input);
      rows.set(key, row);
    }
    const cells = [...rows.values()].map(({ inputs, edge, note }) => [
      inputs.join(', '),
      edgeText(edge),
      note,
    ]);
    if (timeout) {
      cells.push([silence, edgeText(timeout), `-> ${timeout.to}`]);
    }
    const widths = [0, 1].map((at) => ({
      width: Math.min(60, Math.max(0, ...cells.map((row) => row[at]?.length ?? 0))),
    }));
    return [name, ...cells.map((row) => `  ${formatRow(row, widths)}`), ''];
  });
}
