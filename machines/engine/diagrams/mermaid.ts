/**
 * A machine as a Mermaid state diagram, which GitHub and other sites draw. The output uses only the plainest syntax of Mermaid's own
 * documentation: every label is escaped, every id is a bare word, and no arrow crosses the border of a composite state (the
 * documentation forbids it, and drawing fails in all but the first parallel region).
 */
import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { mermaidLabel, mermaidWord } from '../../text/mermaid.js';
import { stateNodesOf } from '../table/edges.js';
import { childTowards, lifted, type StateArrow } from './arrows.js';
import { drawsRoot, historyMark, linesOf, wordsOf } from './boxes.js';
import { diagramTransitions, historyArrows, labelOf } from './transitions.js';

/**
 * A machine as a Mermaid state diagram: nesting, parallel regions, history, final states, and what states do on entry and exit. A
 * transition is labelled as in UML: `EVENT [guard] / actions`. A transition without a target is a line in its state. An arrow that would
 * cross a border is drawn between the outermost states, with the states it really leads from and to in brackets. Machines with equal
 * charts give equal texts.
 */
export function mermaidChart(machine: AnyStateMachine): string {
  const transitions = diagramTransitions(machine);
  const arrows = transitions
    .filter(({ targets }) => targets.length > 0)
    .map((transition) => ({ ...transition, label: labelOf(transition) }));
  return stateDiagram(machine, [...arrows, ...historyArrows(machine)], linesOf(transitions));
}

/**
 * A Mermaid state diagram with the given arrows.
 * @param lines texts in a state
 */
export function stateDiagram(
  machine: AnyStateMachine,
  arrows: readonly StateArrow[],
  lines: (node: AnyStateNode) => readonly string[] = () => [],
): string {
  const { root } = machine;
  const words = wordsOf(machine, mermaidWord);
  const drawn = new Map<AnyStateNode | null, string[]>();
  for (const arrow of arrows) {
    const { inside, from, to, label } = lifted(arrow);
    const line = `${words.get(from)} --> ${words.get(to)}: ${mermaidLabel(label)}`;
    drawn.set(inside, [...(drawn.get(inside) ?? []), line]);
  }
  for (const node of stateNodesOf(root)) {
    if (node.type !== 'final') continue;
    const inside = node.parent ?? null;
    drawn.set(inside, [...(drawn.get(inside) ?? []), `${words.get(node)} --> [*]`]);
  }

  const state = (node: AnyStateNode): string[] => {
    const word = words.get(node);
    const mark = historyMark(node);
    const name = mark === null ? node.key : `${node.key} (${mark})`;
    const own = lines(node).map(mermaidLabel);
    const isSimple = Object.keys(node.states).length === 0;
    // A composite state cannot show lines; a note can.
    const note = [`note right of ${word}`, ...own.map((line) => `    ${line}`), 'end note'];
    return [
      `state "${mermaidLabel(name)}" as ${word}`,
      ...(isSimple
        ? own.map((line) => `${word}: ${line}`)
        : [`state ${word} {`, ...inner(node).map(indented), '}', ...(own.length > 0 ? note : [])]),
    ];
  };
  const inner = (parent: AnyStateNode): string[] => {
    const start = parent.type === 'compound' ? parent.initial?.target[0] : undefined;
    const states = Object.values(parent.states).map(state);
    return [
      ...(start ? [`[*] --> ${words.get(childTowards(parent, start))}`] : []),
      ...states.flatMap((texts, index) =>
        parent.type === 'parallel' && index > 0 ? ['--', ...texts] : texts,
      ),
      ...(drawn.get(parent) ?? []),
    ];
  };
  const ends = arrows.flatMap(({ source, targets }) => [source, ...targets]);
  const isBox = drawsRoot(machine, ends) || lines(root).length > 0;
  const all = isBox ? [...state(root), ...(drawn.get(null) ?? [])] : inner(root);
  return ['stateDiagram-v2', ...all.map(indented), ''].join('\n');
}

function indented(line: string): string {
  return `    ${line}`;
}
