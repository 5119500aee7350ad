/** The formats of a suite. Each is generated as chunks of text, one after the other: no format needs all cases at once. */
import type { SuiteSettings } from '../model.js';
import type { Suite } from '../suite.js';
import { suiteText } from '../suite-file.js';
import { gherkinText } from './gherkin.js';
import { diagramsInOneFile, mermaidFiles } from './mermaid.js';
import { vitestText } from './vitest.js';
import { mark, type SuiteWords } from './words.js';

/** Each format with its description. */
export const suiteFormats = {
  json: 'NDJSON, to be played with ixgate conform --suite: the header on the first line, then a case a line',
  vitest: 'a test file that runs unchanged: npx vitest run FILE',
  mermaid: 'Markdown with a sequence diagram a case',
  gherkin: 'a feature file with a scenario a case',
} as const;
export type SuiteFormat = keyof typeof suiteFormats;

/** One file of a suite. Read its chunks to the end before you ask for the next file. */
export interface SuiteFile {
  readonly name: string;
  readonly chunks: Iterable<string>;
}

/** The files of a suite in a format: one file; for Mermaid one file for every fifty cases. */
export function* suiteFiles<Input extends string, Settings extends SuiteSettings>(
  suite: Suite<Input, Settings>,
  format: SuiteFormat,
  words: SuiteWords<Input, Settings>,
): Generator<SuiteFile> {
  const name = suite.criterion.replace(':', '-');
  switch (format) {
    case 'json':
      yield { name: `${name}.suite.jsonl`, chunks: suiteText(suite) };
      break;
    case 'vitest':
      yield { name: `${name}.test.ts`, chunks: vitestText(suite, words) };
      break;
    case 'gherkin':
      yield { name: `${name}.feature`, chunks: gherkinText(suite, words) };
      break;
    case 'mermaid': {
      const width = String(Math.ceil(suite.cases / diagramsInOneFile)).length;
      let part = 0;
      for (const chunks of mermaidFiles(suite, words)) {
        part += 1;
        const number =
          suite.cases > diagramsInOneFile ? `-${String(part).padStart(width, '0')}` : '';
        yield { name: `${name}${number}.md`, chunks };
      }
    }
  }
}

/** Whether the first line of a file shows that it was generated and may be overwritten. */
export function isGenerated(line: string): boolean {
  return line.includes(mark) || line.startsWith('{"suite":');
}
