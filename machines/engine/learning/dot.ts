import { drawnEdges, lengthText, stateIds } from './drawn-edges.js';
import { silence, type TimedMachine } from './timed-machine.js';

/**
 * A machine as DOT in the form that AALpy and LearnLib load as a Mealy machine: each edge is labelled `input/output`. Silence is an input,
 * and the clock is part of the output, as in `EventError (start)`; `-` stands for an empty output. The tooltip of a state is its name.
 */
export function dotText(machine: TimedMachine): string {
  const idOf = stateIds(machine);
  const states = machine.states.map(({ name }) => {
    const id = idOf(name);
    return `${id} [label="${id}", tooltip="${quoted(name)}"];`;
  });
  const edges = drawnEdges(machine).map(({ from, input, edge }) => {
    const clock = edge.clock === 'none' ? '' : ` (${edge.clock})`;
    const output = `${edge.output || '-'}${lengthText(edge)}${input === silence ? '' : clock}`;
    const label = `${part(input)}/${part(output)}`;
    return `${idOf(from)} -> ${idOf(edge.to)} [label="${label}"];`;
  });
  const start = ['__start0 [label="", shape="none"];', `__start0 -> ${idOf(machine.initial)};`];
  const lines = [...states, ...edges, ...start].map((line) => `  ${line}\n`).join('');
  return `digraph learned {\n${lines}}\n`;
}

/** The slash separates input and output. */
function part(text: string): string {
  return quoted(text.replaceAll('/', '|'));
}

function quoted(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/["\\]/g, '\\$&');
}
