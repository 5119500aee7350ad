import { mermaidLabel } from '../../../registration/figures/mermaid.js';
import { type ExpectedStep, kindOf, type ServerInput } from '../../../registration/sut/index.js';
import type { Case, Suite } from '../suite.js';
import { caseSentence, clientDoes, firstLine, headingOf } from './words.js';

/** So many diagrams are drawn in one file: a page that draws hundreds at once stands still. */
export const diagramsInOneFile = 50;

/**
 * A suite as Markdown with a Mermaid sequence diagram a case. One generator of chunks a file; each has to be read to its end before the
 * next is asked for.
 */
export function* mermaidFiles(suite: Suite): Generator<Generator<string>> {
  const parts = Math.max(1, Math.ceil(suite.cases / diagramsInOneFile));
  const cases = suite[Symbol.iterator]();
  for (let part = 1; part <= parts; part += 1) yield fileText(suite, cases, part, parts);
}

function* fileText(
  suite: Suite,
  cases: Iterator<Case>,
  part: number,
  parts: number,
): Generator<string> {
  const which = parts === 1 ? '' : `, part ${part} of ${parts}`;
  yield `<!-- ${firstLine(suite)} -->\n\n# ${suite.criterion}${which}\n\n`;
  for (const line of headingOf(suite)) yield `- ${line}\n`;
  const before = (part - 1) * diagramsInOneFile;
  for (let at = 1; at <= diagramsInOneFile; at += 1) {
    const next = cases.next();
    if (next.done) return;
    yield `\n## ${before + at}. ${next.value.id}\n\n${capital(caseSentence(next.value))}.\n\n`;
    yield `\`\`\`mermaid\n${diagramOf(next.value)}\`\`\`\n`;
  }
}

function diagramOf({ steps }: Case): string {
  const lines = [
    'sequenceDiagram',
    '    participant Client',
    '    participant Server as Interaction Server',
    '    Client->>Server: connect',
    ...steps.flatMap(arrowsOf),
  ];
  return `${lines.join('\n')}\n`;
}

function arrowsOf({ input, output }: ExpectedStep): string[] {
  const said =
    kindOf(input) === 'time'
      ? `    Note over Client,Server: ${mermaidLabel(clientDoes(input).replace(/^says /, ''))}`
      : `    Client->>Server: ${mermaidLabel(labelOf(input))}`;
  const answers = output.split(' ').filter((part) => part !== '');
  return [said, ...answers.map(answerArrow)];
}

function answerArrow(output: string): string {
  if (output === 'closed') return '    Server-xClient: disconnect';
  if (output === 'service') return '    Note over Client,Server: whatever the service answers';
  return `    Server->>Client: ${mermaidLabel(output)}`;
}

function labelOf(input: ServerInput): string {
  switch (input) {
    case 'register':
      return 'RequestRegisterClient (valid)';
    case 'register-invalid':
      return 'RequestRegisterClient (not valid)';
    case 'register-malformed':
      return 'RequestRegisterClient (wrong attributes)';
    case 'other':
      return 'any other message';
    case 'event-ack':
      return 'EventAck';
    default:
      return clientDoes(input).replace(/^sends /, '');
  }
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
