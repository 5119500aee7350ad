import type { SuiteSettings } from '../model.js';
import type { Suite } from '../suite.js';
import { caseSentence, firstLine, headingOf, type SuiteWords } from './words.js';

/** A suite as a test file for vitest. It runs unchanged where `ixgate` and `vitest` are installed. */
export function* vitestText<Input extends string, Settings extends SuiteSettings>(
  suite: Suite<Input, Settings>,
  words: SuiteWords<Input, Settings>,
): Generator<string> {
  const { comment, code } = words.vitest(suite);
  yield `// ${firstLine(suite, words)}\n`;
  yield commentOf([...headingOf(suite, words), '', ...comment]);
  yield* code.map((line) => `${line}\n`);
  for (const one of suite) {
    yield `  it(${quoted(caseSentence(one, words))}, plays(${JSON.stringify(one)}));\n`;
  }
  yield '});\n';
}

function commentOf(lines: readonly string[]): string {
  return lines
    .map((line) => `// ${line}`.trimEnd())
    .join('\n')
    .concat('\n\n');
}

function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
