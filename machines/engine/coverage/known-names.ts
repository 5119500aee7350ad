/** What of the counts of a file a chart knows: another version of it may have written the file. */
import type { CoveredChart } from './chart-steps.js';
import { sum } from './counts.js';
import type { CoverageJson } from './coverage.js';

type Amounts = Readonly<Record<string, number>>;

/**
 * The counts of a file without the names that a chart does not have. Visits of unknown states and unknown transitions are added to
 * `foreign`; pairs and results of guards with such transitions are dropped.
 */
export function knownPartOf<Seat extends string>(
  json: CoverageJson<Seat>,
  { states, edges, guards = [], seats }: CoveredChart<string, CoveredChart['edges'][number], Seat>,
): CoverageJson<Seat> {
  const stateNames = new Set(states);
  const edgeIds = new Set(edges.map(({ id }) => id));
  const guardIds = new Set(guards.map(({ id }) => id));
  const isPair = (id: string) => id.split(/ > | \+ /).every((one) => edgeIds.has(one));
  const known = seats.flatMap((seat) => {
    const counts = json.seats[seat];
    if (!counts) return [];
    const seen = split(counts.states, (name) => stateNames.has(name));
    const taken = split(counts.transitions, (id) => edgeIds.has(id));
    const part = {
      ...counts,
      foreign: sum(counts.foreign, sum(seen.unknown, taken.unknown)),
      states: seen.known,
      transitions: taken.known,
      pairs: split(counts.pairs, isPair).known,
      guards: split(counts.guards ?? {}, (id) => guardIds.has(id)).known,
    };
    return [[seat, part] as const];
  });
  return { ...json, seats: Object.fromEntries(known) as CoverageJson<Seat>['seats'] };
}

function split(amounts: Amounts, isKnown: (name: string) => boolean) {
  const entries = Object.entries(amounts);
  return {
    known: Object.fromEntries(entries.filter(([name]) => isKnown(name))),
    unknown: entries.reduce((all, [name, times]) => (isKnown(name) ? all : sum(all, times)), 0),
  };
}
