/** The registration chart for the drawing. */
import type { AnyStateMachine } from 'xstate';
import {
  type ChartState,
  type ChartTree,
  chartTree,
} from '../../machines/engine/diagrams/chart-tree.js';
import { registrationEdgesOf } from '../../machines/registration/chart/edges.js';

export type {
  ChartEdge,
  ChartState,
  ChartTree,
} from '../../machines/engine/diagrams/chart-tree.js';

/** The chart of a registration machine. Defined outcomes that are not steps of the protocol are left out. */
export function treeOf(machine: AnyStateMachine): ChartTree {
  return {
    root: chartTree(machine).root,
    edges: registrationEdgesOf(machine)
      .filter((edge) => !edge.unexpected)
      .map(({ id, source, target, event, timer, stays, description }) => ({
        id,
        source,
        target,
        label: event,
        kind: timer ? 'timer' : 'event',
        stays,
        description,
      })),
  };
}

/** Every state of a tree, parents before children. */
export function statesOf(state: ChartState): ChartState[] {
  return [state, ...state.children.flatMap(statesOf)];
}
