/** The coverage of a machine as a table and as JSON. */

import { pairsOf } from '../../machines/engine/coverage/chart-steps.js';
import { type CoveredPart, coveredPart } from '../../machines/engine/coverage/coverage-parts.js';
import {
  coveredChartOf,
  type ExploredMachine,
} from '../../machines/engine/coverage/covered-machine.js';
import type { ActorCoverage } from '../../machines/engine/coverage/index.js';
import { reachedItems } from '../../machines/engine/coverage/reached-items.js';
import { formatRow, widestOf } from '../runtime/text-table.js';

/** A machine that was explored, or why it could not be. */
export type Exploring =
  | { readonly explored: ExploredMachine; readonly problem: null }
  | { readonly explored: null; readonly problem: string };

/** An item that is not covered. */
interface MissingItem {
  readonly name: string;
  /** Further words, e.g. the description of the transition. */
  readonly about: string;
}

interface ReportPart {
  readonly title: string;
  readonly covered: number;
  /** Null when it is not known. */
  readonly of: number | null;
  readonly missing: readonly MissingItem[];
}

/** Maximum number of items that the text lists for each part. */
const maxListed = 30;

const unreachedNote = 'no event without data leads here';

/** The coverage table, followed by the uncovered items. */
export function chartTable(
  coverage: ActorCoverage,
  exploring: Exploring,
  bold: (text: string) => string,
): string {
  const { sessions, steps, foreign } = coverage.total;
  // A machine without guards has no row for them.
  const parts = Object.values(reportParts(coverage, exploring)).filter(({ of }) => of !== 0);
  const rows = [
    ...parts.map(({ title, covered, of }) => [
      title,
      String(covered),
      of === null ? '' : `of ${of}`,
    ]),
    ['sessions seen', String(sessions), ''],
    ['steps seen', String(steps), ''],
  ];
  const numbers = widestOf(rows.map(([, number = '']) => number));
  const layout = [{ width: 17 }, { width: numbers, align: 'right' as const }, { width: 0 }];
  const notes = [
    ...(foreign === 0
      ? []
      : [
          `${foreign} visits and transitions are of another version of the machine and cover nothing`,
        ]),
    ...(exploring.problem === null ? [] : [`pairs are not compared: ${exploring.problem}`]),
  ];
  const missing = parts
    .filter((part) => part.missing.length > 0)
    .flatMap((part) => ['', bold(`not covered: ${part.title}`), ...missingRows(part.missing)]);
  return [
    bold(`machine ${coverage.chart.machine}`),
    ...rows.map((row) => formatRow(row, layout, ' ').trimEnd()),
    ...notes,
    ...missing,
  ].join('\n');
}

/** The coverage as JSON: each part with the items that are missing, and what exploring did not reach. */
export function chartReport(
  coverage: ActorCoverage,
  exploring: Exploring,
): Record<string, unknown> {
  const { sessions, steps, foreign } = coverage.total;
  const parts = Object.entries(reportParts(coverage, exploring)).map(
    ([name, { covered, of, missing }]) =>
      [name, { covered, of, missing: missing.map((item) => item.name) }] as const,
  );
  const unreached = unreachedIn(coverage, exploring);
  return {
    machine: coverage.chart.machine,
    sessions,
    steps,
    foreign,
    ...Object.fromEntries(parts),
    unreached: unreached && [...unreached],
  };
}

/** The names of states, and the ids of transitions and results, that exploring did not reach; null when it was not explored. */
function unreachedIn({ chart }: ActorCoverage, { explored }: Exploring): Set<string> | null {
  if (explored === null) return null;
  const reached = reachedItems(explored);
  return new Set([
    ...chart.states.filter((name) => !reached.states.has(name)),
    ...chart.edges.map(({ id }) => id).filter((id) => !reached.transitions.has(id)),
    ...chart.guards.map(({ id }) => id).filter((id) => !reached.guards.has(id)),
  ]);
}

function reportParts(coverage: ActorCoverage, exploring: Exploring) {
  const { states, transitions, guards } = coverage.parts;
  const unreached = unreachedIn(coverage, exploring);
  const item = (name: string, about: string): MissingItem => {
    const note = unreached?.has(name) ? unreachedNote : '';
    return { name, about: [about, note].filter((text) => text !== '').join('; ') };
  };
  const part = <Item>(title: string, of: CoveredPart<Item>, shown: (one: Item) => MissingItem) => ({
    title,
    covered: of.covered,
    of: of.of,
    missing: of.missing.map(shown),
  });
  return {
    states: part('states', states, (name) => item(name, '')),
    transitions: part('transitions', transitions, ({ id, description }) => item(id, description)),
    guards: part('results of guards', guards, ({ id, guard }) => item(id, guard)),
    pairs: pairsPart(coverage, exploring),
  } satisfies Record<string, ReportPart>;
}

function pairsPart({ total }: ActorCoverage, { explored }: Exploring): ReportPart {
  const title = 'pairs of steps';
  if (explored === null) return { title, covered: total.pairs.size, of: null, missing: [] };
  const pairs = [...pairsOf(coveredChartOf(explored)).values()];
  const { covered, of, missing } = coveredPart(pairs, ({ id }) => total.pairs.get(id));
  return { title, covered, of, missing: missing.map(({ id }) => ({ name: id, about: '' })) };
}

function missingRows(items: readonly MissingItem[]): string[] {
  const listed = items.slice(0, maxListed);
  const width = widestOf(listed.map(({ name }) => name));
  const rows = listed.map(({ name, about }) =>
    `  ${formatRow([name, about], [{ width }], '   ')}`.trimEnd(),
  );
  const more = items.length - listed.length;
  return more === 0 ? rows : [...rows, `  and ${more} more (--json has all)`];
}
