/** Machines as diagrams in text formats. */
import type { AnyStateMachine } from 'xstate';
import { mermaidChart } from './mermaid.js';
import { plantumlChart } from './plantuml.js';
import { scxmlChart } from './scxml.js';

export { mermaidChart, plantumlChart, scxmlChart };

/** The text formats of diagrams by name, each with its function and the ending of its files. */
export const diagramFormats = {
  mermaid: { draw: mermaidChart, ending: 'mmd' },
  plantuml: { draw: plantumlChart, ending: 'puml' },
  scxml: { draw: scxmlChart, ending: 'scxml' },
} as const satisfies Readonly<
  Record<string, { draw: (machine: AnyStateMachine) => string; ending: string }>
>;
