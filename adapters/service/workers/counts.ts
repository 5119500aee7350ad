import { type GateCounts, outcomes } from '../../server/index.js';
import { ServerCounters } from '../../server/server-counters.js';

/** The counts of a new gate. */
export function noCounts(): GateCounts {
  return {
    ...new ServerCounters().totals(),
    open: 0,
    unregistered: 0,
    registered: 0,
    carried: 0,
    validationsRunning: 0,
    validationsWaiting: 0,
  };
}

/** The sums of two gates. */
export function addCounts(one: GateCounts, other: GateCounts): GateCounts {
  const sum = (key: keyof GateCounts) => {
    const [a, b] = [one[key], other[key]];
    return typeof a === 'number' ? a + (b as number) : added(a, b as Record<string, number>);
  };
  return Object.fromEntries(
    Object.keys(one).map((key) => [key, sum(key as keyof GateCounts)]),
  ) as unknown as GateCounts;
}

/** The counts of a gate whose process died: its undecided connections count as closed. */
export function withoutConnections(counts: GateCounts): GateCounts {
  const decided = Object.keys(outcomes).reduce(
    (sum, name) => sum + counts.outcomes[name as keyof typeof outcomes],
    0,
  );
  const closed = counts.outcomes.closed + counts.accepted - decided;
  return {
    ...counts,
    outcomes: { ...counts.outcomes, closed },
    open: 0,
    unregistered: 0,
    registered: 0,
    carried: 0,
    validationsRunning: 0,
    validationsWaiting: 0,
  };
}

function added(
  one: Readonly<Record<string, number>>,
  other: Readonly<Record<string, number>>,
): Record<string, number> {
  // Workers of an older configuration may have other names of messages.
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  const count = (counts: Readonly<Record<string, number>>, name: string) =>
    Object.hasOwn(counts, name) ? (counts[name] ?? 0) : 0;
  return Object.fromEntries(
    [...names].map((name) => [name, count(one, name) + count(other, name)]),
  );
}
