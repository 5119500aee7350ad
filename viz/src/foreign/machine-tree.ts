/** Converts an XState 4 machine that a service sent to a tree for the drawing. */
import type { ParsedReceiverEvent } from '@ixgate/xstate-inspector/receiver';
import type { ChartEdge, ChartState, ChartTree } from '../../layout/tree.js';

export type XState4Machine = Extract<ParsedReceiverEvent, { type: 'service.register' }>['machine'];

/** The used fields of a state of such a machine. */
interface NodeFour {
  readonly id: string;
  readonly key: string;
  readonly type: 'atomic' | 'compound' | 'parallel' | 'final' | 'history';
  readonly initial?: unknown;
  readonly description?: string | undefined;
  readonly states: Readonly<Record<string, NodeFour>>;
  readonly transitions: readonly TransitionFour[];
}

interface TransitionFour {
  readonly eventType: string;
  readonly target?: readonly NodeFour[] | undefined;
  readonly actions: readonly { readonly type: string }[];
  readonly cond?: { readonly name?: string; readonly type?: string } | undefined;
  readonly description?: string;
}

/** A machine as a tree, with the data to highlight its edges. */
export interface ForeignMachine {
  readonly tree: ChartTree;
  /** The event of each edge, by the edge's id. */
  readonly events: ReadonlyMap<string, string>;
  /** Equal for equal charts, so that each chart is laid out once. */
  readonly key: string;
}

const timer = /^xstate\.after\((.+?)\)#/;
const ending = /^(?:done\.state|done\.invoke|error\.platform)\b/;

export function foreignMachine(machine: XState4Machine): ForeignMachine {
  const edges: ChartEdge[] = [];
  const events = new Map<string, string>();
  const visit = (node: NodeFour) => {
    for (const [index, transition] of node.transitions.entries()) {
      if (isUnexpected(transition)) continue;
      const targets = transition.target?.length ? transition.target : [node];
      for (const [branch, target] of targets.entries()) {
        // A state may have several transitions for one event, with different conditions.
        const id = `${node.id}:${index}.${branch}`;
        events.set(id, transition.eventType);
        edges.push({
          id,
          source: node.id,
          target: target.id,
          label: labelOf(transition),
          kind: timer.test(transition.eventType) ? 'timer' : 'event',
          stays: !transition.target?.length,
          description: transition.description ?? '',
        });
      }
    }
    for (const child of Object.values(node.states)) visit(child);
  };
  const root = machine as unknown as NodeFour;
  visit(root);
  const tree: ChartTree = { root: stateOf(root), edges };
  return { tree, events, key: JSON.stringify(tree) };
}

/** The charts of this project define an outcome for every event. Outcomes that change nothing are not drawn. */
function isUnexpected({ target, actions }: TransitionFour): boolean {
  return !target?.length && actions.length === 1 && actions[0]?.type === 'unexpected';
}

function labelOf({ eventType, cond }: TransitionFour): string {
  const delay = timer.exec(eventType)?.[1];
  const event = ending.exec(eventType)?.[0] ?? eventType;
  const name =
    delay === undefined ? event || 'always' : /^\d+$/.test(delay) ? `${delay} ms` : delay;
  const guard = cond?.name || cond?.type;
  return guard ? `${name} [${guard}]` : name;
}

function stateOf(node: NodeFour): ChartState {
  const children = Object.values(node.states);
  const initial = children.find(({ key }) => key === node.initial);
  return {
    id: node.id,
    key: node.key,
    type: node.type === 'history' ? 'atomic' : node.type,
    initial: node.type === 'compound' ? (initial?.id ?? null) : null,
    description: node.description ?? '',
    children: children.map(stateOf),
  };
}

/**
 * The edges that an event most likely took: from states that were active to states that are active now. The service does not send the
 * edges, and conditions cannot be evaluated here.
 */
export function likelyEdges(
  machine: ForeignMachine,
  event: string,
  before: ReadonlySet<string>,
  after: ReadonlySet<string>,
): string[] {
  return machine.tree.edges
    .filter(({ id, source, target }) => {
      return machine.events.get(id) === event && before.has(source) && after.has(target);
    })
    .map(({ id }) => id);
}
