/** A statechart as plain data for a drawing, independent of XState, so that charts of other libraries can be drawn too. */
import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { historyMark } from './boxes.js';
import { guardName } from './names.js';
import { diagramTransitions, historyArrows, labelOf } from './transitions.js';

export interface ChartState {
  /** Unique in the chart. */
  readonly id: string;
  /** The text in the box. */
  readonly key: string;
  readonly type: 'atomic' | 'compound' | 'parallel' | 'final';
  /** Id of the child that is entered first, or null. */
  readonly initial: string | null;
  readonly description: string;
  readonly children: readonly ChartState[];
}

export interface ChartEdge {
  /** Unique in the chart. */
  readonly id: string;
  /** Id of a state. */
  readonly source: string;
  /** Id of a state; equal to `source` when the transition stays. */
  readonly target: string;
  /** The name of the event or of the delay. */
  readonly label: string;
  readonly kind: 'event' | 'timer';
  /** True when no state is left or entered. */
  readonly stays: boolean;
  /** A short word at the end of the label, drawn apart. @default none */
  readonly mark?: string;
  readonly description: string;
}

export interface ChartTree {
  readonly root: ChartState;
  /** The drawn edges. */
  readonly edges: readonly ChartEdge[];
}

/**
 * The chart of any machine. An edge has the id of its `Edge`, so that the transitions of a table can be found; further targets of a
 * transition have a number after it.
 */
export function chartTree(machine: AnyStateMachine): ChartTree {
  const edges = diagramTransitions(machine).flatMap((transition): ChartEdge[] => {
    const { id, source, targets, event, isTimer, guard } = transition;
    const condition = guard === undefined ? '' : ` [${guardName(guard)}]`;
    const ends = targets.length > 0 ? targets : [source];
    return ends.map((target, index) => ({
      id: index === 0 ? id : `${id} to ${index + 1}`,
      source: source.id,
      target: target.id,
      label: `${isTimer ? event.replace(/^after /, '') : event}${condition}`,
      kind: isTimer ? 'timer' : 'event',
      stays: targets.length === 0,
      description: labelOf(transition),
    }));
  });
  const defaults = historyArrows(machine).flatMap(({ source, targets, label }) =>
    targets.map(
      (target, index): ChartEdge => ({
        id: `${source.id} default ${index + 1}`,
        source: source.id,
        target: target.id,
        label,
        kind: 'event',
        stays: false,
        description: 'The state that is entered when there is nothing to remember',
      }),
    ),
  );
  return { root: stateOf(machine.root), edges: [...edges, ...defaults] };
}

function stateOf(node: AnyStateNode): ChartState {
  const mark = historyMark(node);
  return {
    id: node.id,
    key: mark === null ? node.key : `${node.key} (${mark})`,
    type: node.type === 'history' ? 'atomic' : node.type,
    initial: node.type === 'compound' ? (node.initial?.target[0]?.id ?? null) : null,
    description: node.description ?? '',
    children: Object.values(node.states).map(stateOf),
  };
}
