/** The items of a machine that exploring reached. What it did not reach needs data of events, or can never be covered. */
import { identifiedTransitions } from '../table/edges.js';
import { outcomeId } from './chart-steps.js';
import type { ExploredMachine } from './covered-machine.js';
import { leavesIn, leavesOf, stateName } from './machine-parts.js';

/** Ids and names, as in the counts. */
export interface ReachedItems {
  readonly states: ReadonlySet<string>;
  readonly transitions: ReadonlySet<string>;
  readonly guards: ReadonlySet<string>;
}

export function reachedItems({ chart, table }: ExploredMachine): ReachedItems {
  const steps = [table.start, ...Object.values(table.steps).flatMap((one) => Object.values(one))];
  const transitions = new Set(steps.flatMap((step) => step.transitions));
  const inTable = Object.values(table.states).flatMap(({ value }) =>
    leavesIn(chart.resolveState({ value, context: {} })),
  );
  // States that are left at once are not in the table.
  const left = identifiedTransitions(chart).flatMap(({ id, node, transition }) =>
    transitions.has(id) ? leavesOf([node, ...(transition.target ?? [])]) : [],
  );
  const results = table.guards.flatMap(({ transition, wasTrue, wasFalse }) => [
    ...(wasTrue ? [outcomeId(transition, true)] : []),
    ...(wasFalse ? [outcomeId(transition, false)] : []),
  ]);
  return {
    states: new Set([...inTable, ...left].map(stateName)),
    transitions,
    guards: new Set(results),
  };
}
