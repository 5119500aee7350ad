import { mermaidLabel } from '../../../text/mermaid.js';
import type { ExpectedStep, SuiteSettings } from '../model.js';
import type { Case, Suite } from '../suite.js';
import {
  caseSentence,
  connectionRoles,
  firstLine,
  headingOf,
  partsOf,
  type SuiteWords,
} from './words.js';

/** Maximum number of diagrams in a file: a page freezes while it draws hundreds at once. */
export const diagramsInOneFile = 50;

/**
 * A suite as Markdown with one Mermaid sequence diagram for each case: one generator of chunks for each file. Read each to its end before
 * you ask for the next.
 */
export function* mermaidFiles<Input extends string, Settings extends SuiteSettings>(
  suite: Suite<Input, Settings>,
  words: SuiteWords<Input, Settings>,
): Generator<Generator<string>> {
  const parts = Math.max(1, Math.ceil(suite.cases / diagramsInOneFile));
  const cases = suite[Symbol.iterator]();
  for (let part = 1; part <= parts; part += 1) yield fileText(suite, words, cases, part, parts);
}

function* fileText<Input extends string, Settings extends SuiteSettings>(
  suite: Suite<Input, Settings>,
  words: SuiteWords<Input, Settings>,
  cases: Iterator<Case<Input>>,
  part: number,
  parts: number,
): Generator<string> {
  const which = parts === 1 ? '' : `, part ${part} of ${parts}`;
  yield `<!-- ${firstLine(suite, words)} -->\n\n# ${suite.criterion}${which}\n\n`;
  for (const line of headingOf(suite, words)) yield `- ${line}\n`;
  const before = (part - 1) * diagramsInOneFile;
  for (let at = 1; at <= diagramsInOneFile; at += 1) {
    const next = cases.next();
    if (next.done) return;
    const { id, steps } = next.value;
    yield `\n## ${before + at}. ${id}\n\n${capital(caseSentence(next.value, words))}.\n\n`;
    yield `\`\`\`mermaid\n${mermaidDiagram(steps, words)}\`\`\`\n`;
  }
}

/** One session as a sequence diagram. */
export function mermaidDiagram<Input extends string>(
  steps: readonly Pick<ExpectedStep<Input>, 'input' | 'output'>[],
  words: Pick<SuiteWords<Input>, 'system' | 'inputArrow' | 'outputArrow' | 'parts' | 'roles'>,
): string {
  const { client, firstArrow } = words.roles ?? connectionRoles;
  const lines = [
    'sequenceDiagram',
    `    participant Client${client === 'client' ? '' : ` as ${mermaidLabel(capital(client))}`}`,
    `    participant Server as ${mermaidLabel(words.system)}`,
    ...(firstArrow === null ? [] : [`    Client->>Server: ${mermaidLabel(firstArrow)}`]),
  ];
  for (const { input, output } of steps) {
    const { label, isNote } = words.inputArrow(input);
    lines.push(`${isNote ? noteOverBoth : '    Client->>Server: '}${mermaidLabel(label)}`);
    for (const part of words.parts?.(output) ?? partsOf(output)) {
      const arrow = words.outputArrow(part);
      lines.push(`${arrows[arrow.kind]}${mermaidLabel(arrow.label)}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

const noteOverBoth = '    Note over Client,Server: ';
const arrows = {
  message: '    Server->>Client: ',
  close: '    Server-xClient: ',
  note: noteOverBoth,
} as const;

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
