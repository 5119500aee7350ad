/**
 * The figures and the chart as Mermaid text, which GitHub and other sites draw. The output uses only the
 * plainest syntax of Mermaid's own documentation: every label is escaped, every id is a bare word, and no arrow crosses
 * the border of a composite state (the documentation forbids it, and drawing fails in all but the first parallel region).
 */
import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { stateNodesOf } from '../../engine/table/edges.js';
import { mermaidLabel } from '../../text/mermaid.js';
import { type RegistrationEdge, registrationEdgesOf } from '../chart/edges.js';
import { registrationMachine } from '../chart/registration.js';
import type { Figure, FigureArrow } from './figures.js';

/** A figure as a Mermaid sequence diagram: one arrow a message, the deadline as a note over both lifelines. */
export function figureToMermaid(figure: Figure): string {
  const participants = figure.lifelines.map(
    (lifeline) => `    participant ${bareWord(lifeline)} as ${mermaidLabel(lifeline)}`,
  );
  const both = figure.lifelines.map(bareWord).join(',');
  const steps = figure.steps.map((step) =>
    step.kind === 'note'
      ? `    Note over ${both}: ${mermaidLabel(step.label)}`
      : `    ${bareWord(step.from)}${head(step)}${bareWord(step.to)}: ${mermaidLabel(step.label)}`,
  );
  return ['sequenceDiagram', ...participants, ...steps, ''].join('\n');
}

/** The arrow of the disconnect ends in a cross. */
function head({ kind }: FigureArrow): string {
  return kind === 'disconnect' ? '-x' : '->>';
}

export interface ChartDrawing {
  /** Also draw the unexpected events, which change nothing. @default false */
  readonly unexpected?: boolean;
}

/**
 * A chart as a Mermaid state diagram, from the machine object: nesting, parallel regions, and timers with the
 * names of their delays. A transition that leaves a composite state is drawn from that state, with the state it really
 * starts from in brackets.
 */
export function chartToMermaid(
  machine: AnyStateMachine = registrationMachine,
  { unexpected = false }: ChartDrawing = {},
): string {
  const nodes = new Map(stateNodesOf(machine.root).map((node) => [node.id, node]));
  const arrows = new Map<AnyStateNode, Arrow[]>();
  for (const edge of registrationEdgesOf(machine)) {
    if (edge.unexpected && !unexpected) continue;
    const drawn = arrowOf(edge, nodes);
    if (!drawn) continue;
    const inside = arrows.get(drawn.inside) ?? [];
    arrows.set(drawn.inside, inside);
    const same = inside.find(
      ({ from, to }) => from === to && from === drawn.from && to === drawn.to,
    );
    if (same) same.label += `, ${drawn.label}`;
    else inside.push(drawn);
  }
  return ['stateDiagram-v2', ...inner(machine.root, arrows, '    '), ''].join('\n');
}

interface Arrow {
  /** The state inside which the arrow is drawn: both ends are its children. */
  readonly inside: AnyStateNode;
  readonly from: AnyStateNode;
  readonly to: AnyStateNode;
  label: string;
}

function arrowOf(edge: RegistrationEdge, nodes: ReadonlyMap<string, AnyStateNode>): Arrow | null {
  const source = ancestry(nodes.get(edge.source));
  const target = ancestry(nodes.get(edge.target));
  let fork = 0;
  while (source[fork] && source[fork] === target[fork]) fork += 1;
  // When one state contains the other, the arrow goes from the outer one to itself.
  if (!source[fork] || !target[fork]) fork -= 1;
  const [inside, from, to] = [source[fork - 1], source[fork], target[fork]];
  if (!inside || !from || !to) return null;
  const event = edge.timer ? `after ${edge.event}` : edge.event;
  const origin = source.at(-1);
  return { inside, from, to, label: from === origin ? event : `${event} (${origin?.key})` };
}

/** A state with its ancestors, the root first. */
function ancestry(node: AnyStateNode | undefined): AnyStateNode[] {
  return node ? [...ancestry(node.parent), node] : [];
}

/** The content of a state: its initial arrow, its states with their content, its arrows. */
function inner(
  parent: AnyStateNode,
  arrows: ReadonlyMap<AnyStateNode, readonly Arrow[]>,
  indent: string,
): string[] {
  const start = parent.type === 'parallel' ? undefined : parent.initial?.target[0];
  const states = Object.values(parent.states).map((state) => [
    `${indent}state "${mermaidLabel(state.key)}" as ${bareWord(state.id)}`,
    ...(Object.keys(state.states).length > 0
      ? [
          `${indent}state ${bareWord(state.id)} {`,
          ...inner(state, arrows, `${indent}    `),
          `${indent}}`,
        ]
      : []),
  ]);
  return [
    ...(start ? [`${indent}[*] --> ${bareWord(start.id)}`] : []),
    ...states.flatMap((lines, index) =>
      parent.type === 'parallel' && index > 0 ? [`${indent}--`, ...lines] : lines,
    ),
    ...(arrows.get(parent) ?? []).map(
      ({ from, to, label }) =>
        `${indent}${bareWord(from.id)} --> ${bareWord(to.id)}: ${mermaidLabel(label)}`,
    ),
    ...Object.values(parent.states)
      .filter((state) => state.type === 'final')
      .map((state) => `${indent}${bareWord(state.id)} --> [*]`),
  ];
}

/** Words that Mermaid reads as syntax even at the start of an id. */
const reserved =
  /^(?:\d|end|state|note|class|default|direction|scale|hide|style|loop|alt|opt|par|rect|box|over|as|participant|actor|activate|deactivate|create|destroy|title|acc|link|and|else|critical|break|autonumber)/i;

/** An id Mermaid cannot mistake for syntax: letters, digits and underscores. */
function bareWord(name: string): string {
  const word = name.replace(/[^A-Za-z0-9]+/g, '_');
  return reserved.test(word) ? `_${word}` : word;
}
