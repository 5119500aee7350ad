import type { SuiteSettings } from '../model.js';
import type { Case, Suite } from '../suite.js';
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
  let number = 0;
  for (const one of suite) {
    number += 1;
    const title = titleOf(one, number, words);
    yield `  it(${quoted(title)}, plays(${JSON.stringify(one)}));\n`;
  }
  yield '});\n';
}

/** The longest title of a test; a longer case has its number and its inputs. */
const maxTitle = 1_000;
const maxInputs = 100;

function titleOf<Input extends string>(
  one: Case<Input>,
  number: number,
  words: Pick<SuiteWords<Input>, 'clientDoes' | 'serverDoes' | 'roles'>,
): string {
  const sentence = caseSentence(one, words);
  if (sentence.length <= maxTitle) return sentence;
  const { id } = one;
  return `${number}. ${id.length > maxInputs ? `${id.slice(0, maxInputs)}…` : id}`;
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
