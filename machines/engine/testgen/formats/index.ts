/** The formats that a suite is written in. Each is made of chunks of text, one after the other: no format needs all cases at once. */
import type { Suite } from '../suite.js';
import { suiteText } from '../suite-file.js';
import { gherkinText } from './gherkin.js';
import { diagramsInOneFile, mermaidFiles } from './mermaid.js';
import { vitestText } from './vitest.js';
import { mark } from './words.js';

/** Every format, with what it is. */
export const suiteFormats = {
  json: 'NDJSON, to be played with ixgate conform --suite: the header on the first line, then a case a line',
  vitest: 'a test file that runs as it is: npx vitest run FILE',
  mermaid: 'Markdown with a sequence diagram a case',
  gherkin: 'a feature file with a scenario a case',
} as const;
export type SuiteFormat = keyof typeof suiteFormats;

/** One file of a suite. Its chunks are read to the end before the next file is asked for. */
export interface SuiteFile {
  readonly name: string;
  readonly chunks: Iterable<string>;
}

/** The files of a suite in a format: one, or for Mermaid one for every fifty cases. */
export function* suiteFiles(suite: Suite, format: SuiteFormat): Generator<SuiteFile> {
  const name = suite.criterion.replace(':', '-');
  switch (format) {
    case 'json':
      yield { name: `${name}.suite.jsonl`, chunks: suiteText(suite) };
      break;
    case 'vitest':
      yield { name: `${name}.test.ts`, chunks: vitestText(suite) };
      break;
    case 'gherkin':
      yield { name: `${name}.feature`, chunks: gherkinText(suite) };
      break;
    case 'mermaid': {
      const width = String(Math.ceil(suite.cases / diagramsInOneFile)).length;
      let part = 0;
      for (const chunks of mermaidFiles(suite)) {
        part += 1;
        const number =
          suite.cases > diagramsInOneFile ? `-${String(part).padStart(width, '0')}` : '';
        yield { name: `${name}${number}.md`, chunks };
      }
    }
  }
}

/** Whether the first line of a file shows that it was generated, so that it may be written over. */
export function isGenerated(line: string): boolean {
  return line.includes(mark) || line.startsWith('{"suite":');
}
