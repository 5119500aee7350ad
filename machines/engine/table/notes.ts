/** What a table does not tell: states that were not reached, data that was missing, exceptions. */
import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { missingDelays } from './chart-parts.js';
import { identifiedTransitions, stateNodesOf } from './edges.js';
import type { Reached } from './steps.js';
import type { ChartNote, TableStep } from './table.js';

interface Explored {
  readonly found: ReadonlyMap<string, Reached>;
  readonly start: Pick<TableStep, 'transitions'>;
  readonly steps: Readonly<Record<string, Readonly<Record<string, TableStep>>>>;
  readonly missing: ReadonlySet<string>;
  pathTo(name: string): readonly string[];
}

export function notesOf(machine: AnyStateMachine, explored: Explored): ChartNote[] {
  const nodes = stateNodesOf(machine.root);
  const crashes = [...explored.found].flatMap(([name, { error }]) =>
    error === null
      ? []
      : [`the chart fails after ${explored.pathTo(name).join(', ') || 'its start'}: ${error}`],
  );
  const unreached = unreachedStates(machine, nodes, explored).map(
    (id) => `no input reaches the state ${id}; perhaps an event needs data (option events)`,
  );
  const missing = [...explored.missing].map(
    (text) => `the chart reads data that an explored event lacks: ${text}; give it (option events)`,
  );
  const delays = missingDelays(nodes).map(
    (text) => `the delay ${text} has no implementation: XState takes its transition at once`,
  );
  return [
    ...crashes.map((text) => ({ kind: 'crash' as const, text })),
    ...unreached.map((text) => ({ kind: 'unreached' as const, text })),
    ...missing.map((text) => ({ kind: 'event-data' as const, text })),
    ...delays.map((text) => ({ kind: 'missing-delay' as const, text })),
  ];
}

/** States that are left at once, by a transition without an event, count as reached. */
function unreachedStates(
  machine: AnyStateMachine,
  nodes: readonly AnyStateNode[],
  { found, start, steps }: Explored,
): string[] {
  const reached = new Set<string>();
  const reach = (node: AnyStateNode) => {
    for (let at: AnyStateNode | undefined = node; at; at = at.parent) reached.add(at.id);
  };
  for (const { snapshot } of found.values()) {
    for (const node of (snapshot as unknown as { _nodes: AnyStateNode[] })._nodes) reach(node);
  }
  const all = [start, ...Object.values(steps).flatMap((from) => Object.values(from))];
  const taken = new Set(all.flatMap((step) => step.transitions));
  for (const { id, node, transition } of identifiedTransitions(machine)) {
    if (taken.has(id)) for (const one of [node, ...(transition.target ?? [])]) reach(one);
  }
  return nodes
    .filter(({ id, type }) => type !== 'history' && !reached.has(id))
    .filter(({ parent }) => !parent || reached.has(parent.id))
    .map(({ id }) => id);
}
