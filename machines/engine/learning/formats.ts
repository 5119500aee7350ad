/** Timed machines as text for other tools. */
import { dotText } from './dot.js';
import { mermaidText } from './mermaid.js';
import type { TimedMachine } from './timed-machine.js';
import { xstateText } from './xstate-module.js';

/** `mermaid`: a state diagram; `dot`: for AALpy, LearnLib and Graphviz; `xstate`: a module with the machine; `json`: the machine as data. */
export const machineFormats = ['mermaid', 'dot', 'xstate', 'json'] as const;
export type MachineFormat = (typeof machineFormats)[number];

/** A machine in a format, with a line feed at the end. */
export function machineText(machine: TimedMachine, format: MachineFormat): string {
  switch (format) {
    case 'mermaid':
      return mermaidText(machine);
    case 'dot':
      return dotText(machine);
    case 'xstate':
      return xstateText(machine);
    case 'json':
      return `${JSON.stringify(machine, null, 2)}\n`;
  }
}
