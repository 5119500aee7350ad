/** A statechart as the drawing needs it, free of any machine library: other libraries' charts are drawn from it too. */
import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { registrationEdgesOf } from '../../machines/registration/chart/edges.js';

export interface ChartState {
  /** Unique in the chart. */
  readonly id: string;
  /** What is written in the box. */
  readonly key: string;
  readonly type: 'atomic' | 'compound' | 'parallel' | 'final';
  /** Id of the child that is entered first; null where there is none. */
  readonly initial: string | null;
  readonly description: string;
  readonly children: readonly ChartState[];
}

export interface ChartEdge {
  /** Unique in the chart. */
  readonly id: string;
  /** Id of a state. */
  readonly source: string;
  /** Id of a state; the source's own when the transition stays. */
  readonly target: string;
  /** The event's name, or the delay's. */
  readonly label: string;
  readonly kind: 'event' | 'timer';
  /** True when nothing is left or entered. */
  readonly stays: boolean;
  readonly description: string;
}

export interface ChartTree {
  readonly root: ChartState;
  /** What is drawn; stated outcomes that are no step of the protocol are not. */
  readonly edges: readonly ChartEdge[];
}

/** The chart of a machine object. */
export function treeOf(machine: AnyStateMachine): ChartTree {
  return {
    root: stateOf(machine.root),
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

function stateOf(node: AnyStateNode): ChartState {
  return {
    id: node.id,
    key: node.key,
    type: node.type === 'history' ? 'atomic' : node.type,
    initial: node.type === 'compound' ? (node.initial?.target[0]?.id ?? null) : null,
    description: node.description ?? '',
    children: Object.values(node.states).map(stateOf),
  };
}

/** Every state of a tree, parents before children. */
export function statesOf(state: ChartState): ChartState[] {
  return [state, ...state.children.flatMap(statesOf)];
}
