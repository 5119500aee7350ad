/** A machine as a PlantUML state diagram. */
import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { childTowards, outsideRegions } from './arrows.js';
import { drawsRoot, historyMark, linesOf, wordsOf } from './boxes.js';
import { diagramTransitions, historyArrows, labelOf } from './transitions.js';

/**
 * A machine as a PlantUML state diagram: nesting, parallel regions, history, final states, and what states do on entry and exit. A
 * transition is labelled as in UML: `EVENT [guard] / actions`. A transition without a target is a line in its state. Machines with equal
 * charts give equal texts.
 */
export function plantumlChart(machine: AnyStateMachine): string {
  const words = wordsOf(machine, plantumlWord);
  const transitions = diagramTransitions(machine);
  const lines = linesOf(transitions);
  const arrows = [
    ...transitions
      .filter(({ targets }) => targets.length > 0)
      .map((transition) => ({ ...transition, label: labelOf(transition) })),
    ...historyArrows(machine),
  ];
  const end = (node: AnyStateNode) => {
    const mark = historyMark(node);
    return mark === null ? words.get(node) : `${words.get(node.parent ?? node)}[${mark}]`;
  };

  const state = (node: AnyStateNode): string[] => {
    if (node.type === 'history') return [];
    const word = words.get(node);
    const own = lines(node).map((line) => `${word} : ${plantumlText(line)}`);
    const start = `state "${plantumlText(node.key)}" as ${word}`;
    const isSimple = Object.keys(node.states).length === 0;
    return [...(isSimple ? [start] : [`${start} {`, ...inner(node).map(indented), '}']), ...own];
  };
  const inner = (parent: AnyStateNode): string[] => {
    const start = parent.type === 'compound' ? parent.initial?.target[0] : undefined;
    const states = Object.values(parent.states).map(state);
    const finals = Object.values(parent.states).filter(({ type }) => type === 'final');
    return [
      ...(start ? [`[*] --> ${end(childTowards(parent, start))}`] : []),
      ...states
        .filter((texts) => texts.length > 0)
        .flatMap((texts, index) =>
          parent.type === 'parallel' && index > 0 ? ['--', ...texts] : texts,
        ),
      ...finals.map((node) => `${words.get(node)} --> [*]`),
    ];
  };
  const ends = arrows.flatMap(({ source, targets }) => [source, ...targets]);
  const isBox = drawsRoot(machine, ends) || lines(machine.root).length > 0;
  const drawn = arrows
    .map(outsideRegions)
    .map(({ from, to, label }) => `${end(from)} --> ${end(to)} : ${plantumlText(label)}`);
  const all = isBox ? state(machine.root) : inner(machine.root);
  return ['@startuml', 'hide empty description', ...all, ...drawn, '@enduml', ''].join('\n');
}

/** A name that PlantUML cannot mistake for syntax: letters, digits and underscores. */
function plantumlWord(text: string): string {
  return `s_${text.replace(/[^A-Za-z0-9]+/g, '_')}`;
}

/** A label on one line; what PlantUML could read as syntax is written as its code (`<U+003C>`). */
function plantumlText(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/[^A-Za-z0-9 .,_/()[\]'-]|(?<=([-_/[\]'.]))\1/gu, (character) => {
      const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase();
      return `<U+${code.padStart(4, '0')}>`;
    });
}

function indented(line: string): string {
  return `  ${line}`;
}
