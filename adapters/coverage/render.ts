import type { CoveredPart } from '../../machines/engine/coverage/coverage-parts.js';
import { describeConfiguration } from '../../machines/registration/chart/describe-configuration.js';
import type { RegistrationEdge } from '../../machines/registration/chart/edges.js';
import {
  type Coverage,
  type CoverageCounts,
  type CoverageParts,
  coverageParts,
  missingFollowers,
} from '../../machines/registration/session/coverage.js';
import type { SeatName } from '../../machines/registration/session/step.js';
import { formatRow, type TextColumn, widestOf } from '../runtime/text-table.js';

/** Between two columns. */
const gap = '   ';

interface Column {
  readonly title: string;
  readonly counts: CoverageCounts;
  readonly parts: CoverageParts;
}

/** The rows that count parts of the chart. */
const rows: readonly (readonly [label: string, part: keyof CoverageParts])[] = [
  ['states', 'states'],
  ['transitions', 'transitions'],
  ['  documented', 'documented'],
  ['  steps', 'protocolSteps'],
  ['  unexpected', 'unexpected'],
  ['pairs', 'pairs'],
  ['  of steps', 'pairsOfSteps'],
];

/** The coverage table: one column for each seat and one for all together, and below it the parts that no seat covers. */
export function coverageTable(coverage: Coverage, bold: (text: string) => string): string {
  const columns = columnsOf(coverage);
  const lines = [
    ['', ...columns.map(({ title }) => title)],
    ...rows.map(([label, part]) => [label, ...columns.map(({ parts }) => share(parts[part]))]),
    ['sessions seen', ...columns.map(({ counts }) => String(counts.sessions))],
    ['steps seen', ...columns.map(({ counts }) => String(counts.steps))],
  ];
  const widths = columns.map((_, at) => widestOf(lines.map((line) => line[at + 1] ?? '')));
  const layout: TextColumn[] = [
    { width: 13 },
    ...widths.map((width) => ({ width, align: 'right' as const })),
  ];
  const [head = '', ...body] = lines.map((line) => formatRow(line, layout, gap));
  const { foreign } = coverage.total;
  const foreignLines =
    foreign === 0 ? [] : [`${foreign} steps are not of this chart and cover nothing`];
  return [bold(head), ...body, ...foreignLines, ...missingLines(columns[0]?.parts, bold)].join(
    '\n',
  );
}

/** The coverage as JSON: each part with its missing items, for all seats together and for each. */
export function coverageReport(coverage: Coverage): Record<string, unknown> {
  const seats = coverage.seats.map((seat) => [seat, reportOf(coverage.of(seat))]);
  return { ...reportOf(coverage.total), seats: Object.fromEntries(seats) };
}

/** The column for all seats first, unless there is only one seat. */
function columnsOf(coverage: Coverage): Column[] {
  const column = (title: string, counts: CoverageCounts) => ({
    title,
    counts,
    parts: coverageParts(counts),
  });
  const seats = coverage.seats.map((seat: SeatName) => column(seat, coverage.of(seat)));
  return seats.length === 1 ? seats : [column('all', coverage.total), ...seats];
}

function share({ covered, of }: CoveredPart<unknown>): string {
  return `${String(covered).padStart(3)} of ${String(of).padStart(3)}`;
}

function missingLines(parts: CoverageParts | undefined, bold: (text: string) => string): string[] {
  if (!parts) return [];
  const { states, documented, protocolSteps, unexpected } = parts;
  const undocumented = protocolSteps.missing.filter(({ figures }) => figures.length === 0);
  const sections: [string, [string, string][]][] = [
    ['states', states.missing.map((state) => [state, describeConfiguration(state)])],
    ['documented transitions', documented.missing.map(edgeLine)],
    ['steps that no figure shows', undocumented.map(edgeLine)],
    ['unexpected events (not steps of the protocol)', unexpected.missing.map(edgeLine)],
    [
      'pairs of steps (the first, and what never followed it)',
      missingFollowers(parts).map(({ first, seconds, of }) => [
        first,
        seconds.length === of ? `none of the ${of} that can follow` : seconds.join(', '),
      ]),
    ],
  ];
  return sections
    .filter(([, items]) => items.length > 0)
    .flatMap(([title, items]) => {
      const width = widestOf(items.map(([name]) => name));
      return [
        '',
        bold(`not covered: ${title}`),
        ...items.map(([name, words]) =>
          `  ${formatRow([name, words], [{ width }], gap)}`.trimEnd(),
        ),
      ];
    });
}

function edgeLine({ id, description, figures }: RegistrationEdge): [string, string] {
  const shown = figures.length === 0 ? '' : ` (figure ${figures.join(', ')})`;
  return [id, `${description}${shown}`];
}

function reportOf(counts: CoverageCounts): Record<string, unknown> {
  const { sessions, steps, foreign } = counts;
  const parts = Object.entries(coverageParts(counts)).map(([name, { covered, of, missing }]) => [
    name,
    { covered, of, missing: missing.map(nameOf) },
  ]);
  return { sessions, steps, foreign, ...Object.fromEntries(parts) };
}

function nameOf(item: string | { readonly id: string }): string {
  return typeof item === 'string' ? item : item.id;
}
