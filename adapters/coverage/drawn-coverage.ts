/** The coverage of a machine as marks on its chart. */
import type { ActorCoverage } from '../../machines/engine/coverage/index.js';
import { leavesOf, stateName } from '../../machines/engine/coverage/machine-parts.js';
import { chartTree } from '../../machines/engine/diagrams/chart-tree.js';
import { stateNodesOf } from '../../machines/engine/table/edges.js';

export interface DrawnCoverage {
  /** By the id of the state. */
  readonly visits: ReadonlyMap<string, number>;
  /** By the id of the edge of the chart. */
  readonly taken: ReadonlyMap<string, number>;
  readonly caption: readonly string[];
}

/** History states and the arrows from them do not count and are not marked. */
export function drawnCoverage({ machine, chart, total, parts }: ActorCoverage): DrawnCoverage {
  const visits = leavesOf(stateNodesOf(machine.root)).map(
    (node) => [node.id, total.states.get(stateName(node)) ?? 0] as const,
  );
  const counted = new Map(chart.edges.map(({ id }) => [id, total.transitions.get(id) ?? 0]));
  // A transition with several targets has several edges, all taken together.
  const taken = chartTree(machine).edges.flatMap(({ id }) => {
    const count = counted.get(id) ?? counted.get(id.replace(/ to \d+$/, ''));
    return count === undefined ? [] : [[id, count] as const];
  });
  const { states, transitions } = parts;
  return {
    visits: new Map(visits),
    taken: new Map(taken),
    caption: [
      `Used: ${states.covered} of ${states.of} states, ${transitions.covered} of ${transitions.of} transitions`,
      'Dashed, with 0: never used',
    ],
  };
}
