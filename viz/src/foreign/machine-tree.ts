/** A machine of xstate 4, as a service sends it, put as a tree that can be drawn. */
import type { ParsedReceiverEvent } from '@ixgate/xstate-inspector/receiver';
import type { ChartEdge, ChartState, ChartTree } from '../../layout/tree.js';

export type XState4Machine = Extract<ParsedReceiverEvent, { type: 'service.register' }>['machine'];

/** A state of such a machine, as far as it is used here. */
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

/** A machine as it is drawn, and what is needed to light it. */
export interface ForeignMachine {
  readonly tree: ChartTree;
  /** The event of each edge, by the edge's id. */
  readonly events: ReadonlyMap<string, string>;
  /** The same for the same chart: its layout is made once. */
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
        // A state may answer one event in several ways, which conditions tell apart.
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

/** This project's own charts state an outcome for every event; what changes nothing is not drawn. */
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

/** Ids of the states that a state value makes active, the outermost included. */
export function activeStates(root: ChartState, value: unknown): Set<string> {
  const active = new Set<string>();
  const enter = (state: ChartState, inner: unknown) => {
    active.add(state.id);
    for (const child of state.children) {
      if (inner === child.key) enter(child, undefined);
      else if (typeof inner === 'object' && inner !== null && Object.hasOwn(inner, child.key)) {
        enter(child, (inner as Record<string, unknown>)[child.key]);
      }
    }
  };
  enter(root, value);
  return active;
}

/**
 * The edges an event most likely took: of states that were active, to states that are. The service does not say it; conditions
 * are not known here.
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

/** A state value in a line: `connected.registered`, regions with a plus between. */
export function valueText(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value ?? '');
  const parts = Object.entries(value).map(([key, inner]) => {
    const text = valueText(inner);
    return text === '' ? key : `${key}.${text}`;
  });
  return parts.length > 1 ? `(${parts.join(' + ')})` : parts.join('');
}

/** The innermost states of a state value in a line: `awaiting + rejection`. */
export function innermostText(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value ?? '');
  const parts = Object.entries(value).map(([key, inner]) => innermostText(inner) || key);
  return parts.join(' + ');
}
