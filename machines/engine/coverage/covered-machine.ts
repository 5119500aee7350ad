/** Any machine of XState as coverage counts it. */
import type { AnyStateMachine } from 'xstate';
import { type Edge, edgesOf } from '../table/edges.js';
import { exploreMachine } from '../table/explore.js';
import { guardName } from '../table/guard-watch.js';
import type { ChartTable } from '../table/table.js';
import { type CoveredChart, type GuardOutcome, outcomeId } from './chart-steps.js';
import { guardedTransitions, stateNamesOf } from './machine-parts.js';

/** The only seat of a machine: its actors. */
export type ActorSeat = 'actor';
export const actorSeat: ActorSeat = 'actor';

/** A machine that was explored, e.g. a model. */
export interface ExploredMachine {
  readonly chart: AnyStateMachine;
  readonly table: ChartTable;
}

/** A machine as coverage counts it. */
export interface CoveredMachine extends CoveredChart<string, Edge, ActorSeat> {
  readonly machine: string;
  readonly guards: readonly GuardOutcome[];
}

/**
 * A machine as coverage counts it. Its states are those without inner states, by path: they are known without exploring, do not multiply
 * in parallel regions, and are the same for every context. Its steps and pairs are those of the table of a model. Without a model the
 * machine is explored when they are asked for, which throws {ExploreError} for a machine that cannot be explored.
 */
export function coveredChartOf(given: AnyStateMachine | ExploredMachine): CoveredMachine {
  const machine = 'chart' in given ? given.chart : given;
  const finals = new Set(
    Object.values(machine.root.states).flatMap(({ type, key }) => (type === 'final' ? key : [])),
  );
  let table = 'chart' in given ? given.table : null;
  return {
    machine: machine.id,
    states: stateNamesOf(machine),
    edges: edgesOf(machine),
    guards: guardedTransitions(machine).flatMap(({ id, transition }) =>
      [true, false].map((result) => ({
        id: outcomeId(id, result),
        transition: id,
        guard: guardName(transition.guard),
        result,
      })),
    ),
    seats: [actorSeat],
    isFinal: (state) => finals.has(state),
    isUnexpected: () => false,
    table: () => {
      table ??= exploreMachine(machine);
      return table;
    },
  };
}
