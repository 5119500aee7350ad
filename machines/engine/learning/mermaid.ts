import { mermaidLabel } from '../../text/mermaid.js';
import { drawnEdges, lengthText, stateIds } from './drawn-edges.js';
import { silence, type TimedMachine } from './timed-machine.js';

/** A machine as a Mermaid state diagram. */
export function mermaidText(machine: TimedMachine): string {
  const idOf = stateIds(machine);
  const states = machine.states.map(({ name }) => `state "${mermaidLabel(name)}" as ${idOf(name)}`);
  const edges = drawnEdges(machine).map(({ from, input, edge }) => {
    const output = edge.output || 'nothing';
    const clock = edge.clock === 'start' || edge.clock === 'keep' ? `, ${edge.clock} clock` : '';
    const label =
      input === silence ? `${output}${lengthText(edge)}` : `${input} / ${output}${clock}`;
    return `${idOf(from)} --> ${idOf(edge.to)} : ${mermaidLabel(label)}`;
  });
  const ends = machine.states
    .filter(({ isClosed }) => isClosed)
    .map(({ name }) => `${idOf(name)} --> [*]`);
  const lines = [...states, `[*] --> ${idOf(machine.initial)}`, ...edges, ...ends];
  return `stateDiagram-v2\n${lines.map((line) => `  ${line}\n`).join('')}`;
}
