import { type GateCounts, outcomes } from '../../server/index.js';
import { ServerCounters } from '../../server/server-counters.js';

/** What a gate has counted that has just begun. */
export function noCounts(): GateCounts {
  const { accepted, problems, outcomes, rejected, errors, limits } = new ServerCounters();
  return {
    ...{ accepted, problems, outcomes, rejected, errors, limits },
    open: 0,
    unregistered: 0,
    registered: 0,
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

/** What stays of a gate's counts when its process has died: those that were not decided are, now. */
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
    validationsRunning: 0,
    validationsWaiting: 0,
  };
}

function added(
  one: Readonly<Record<string, number>>,
  other: Readonly<Record<string, number>>,
): Record<string, number> {
  return Object.fromEntries(
    Object.entries(one).map(([name, count]) => [name, count + (other[name] ?? 0)]),
  );
}
