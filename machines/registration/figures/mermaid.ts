/**
 * The figures and the chart as Mermaid text, which GitHub and other sites draw. The output uses only the plainest syntax of Mermaid's
 * own documentation: every label is escaped, every id is a bare word.
 */
import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { stateDiagram } from '../../engine/diagrams/mermaid.js';
import { stateNodesOf } from '../../engine/table/edges.js';
import { mermaidLabel, mermaidWord } from '../../text/mermaid.js';
import { registrationEdgesOf } from '../chart/edges.js';
import { registrationMachine } from '../chart/registration.js';
import type { Figure, FigureArrow } from './figures.js';

/** A figure as a Mermaid sequence diagram: one arrow a message, the deadline as a note over both lifelines. */
export function figureToMermaid(figure: Figure): string {
  const participants = figure.lifelines.map(
    (lifeline) => `    participant ${mermaidWord(lifeline)} as ${mermaidLabel(lifeline)}`,
  );
  const both = figure.lifelines.map(mermaidWord).join(',');
  const steps = figure.steps.map((step) =>
    step.kind === 'note'
      ? `    Note over ${both}: ${mermaidLabel(step.label)}`
      : `    ${mermaidWord(step.from)}${head(step)}${mermaidWord(step.to)}: ${mermaidLabel(step.label)}`,
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
 * A registration chart as a Mermaid state diagram, with the events only: nesting, parallel regions, and timers with the names of their
 * delays. A transition that leaves a composite state is drawn from that state, with the state it really starts from in brackets.
 */
export function chartToMermaid(
  machine: AnyStateMachine = registrationMachine,
  { unexpected = false }: ChartDrawing = {},
): string {
  const nodes = new Map(stateNodesOf(machine.root).map((node) => [node.id, node]));
  const arrows: { source: AnyStateNode; targets: AnyStateNode[]; label: string }[] = [];
  for (const edge of registrationEdgesOf(machine)) {
    if (edge.unexpected && !unexpected) continue;
    const [source, target] = [nodes.get(edge.source), nodes.get(edge.target)];
    if (!source || !target) continue;
    const label = edge.timer ? `after ${edge.event}` : edge.event;
    const loop = arrows.find(({ source: from, targets: [to] }) => {
      return from === to && from === source && to === target;
    });
    if (loop) loop.label += `, ${label}`;
    else arrows.push({ source, targets: [target], label });
  }
  return stateDiagram(machine, arrows);
}
