import { describe, expect, it } from 'vitest';
// @ts-expect-error the script is plain JavaScript
import { findOldIdiom, findOldNames, oldNames, rules } from '../../scripts/lint-language.mjs';

interface Match {
  readonly line: number;
  readonly words: string;
  readonly instead: string;
}
const find: (text: string) => Match[] = findOldIdiom;
const findNames: (text: string) => Match[] = findOldNames;
const table: readonly (readonly [pattern: string, instead: string, sample: string])[] = rules;

describe('the language lint', () => {
  it.each(table)('finds /%s/', (_pattern, instead, sample) => {
    expect(find(sample)).toContainEqual(expect.objectContaining({ line: 1, instead }));
  });

  it.each([
    'there are no sessions',
    'There is none.',
    'a rejected client is no longer connected',
    'save the file, then recommend the amended ownership',
    'she told the server that the session has its own deadline',
    'the server tells the client why; the client hears it and goes on',
    'in placement order',
    "a client that is called 'stranger'",
    'The owner follows the shown row.',
  ])('accepts "%s"', (text) => {
    expect(find(text)).toEqual([]);
  });

  it('gives the line, and reads on over the line breaks of a comment', () => {
    const text =
      '/**\n * A frame that is\n * no message.\n */\n// It is not in\n// place of another.\n';
    expect(find(text)).toEqual([
      { line: 2, words: 'is no', instead: expect.any(String) }, // lint-language: allow
      { line: 5, words: 'in place of', instead: expect.any(String) }, // lint-language: allow
    ]);
  });

  it('does not read on over a blank line', () => {
    expect(find('what it is\n\nno frame')).toEqual([]);
  });

  it('skips a line that is marked as a quotation', () => {
    expect(find('| whoever | the client | <!-- lint-language: allow -->\n')).toEqual([]);
  });

  it('finds names that were replaced, as whole words in their own case', () => {
    for (const [name, instead] of Object.entries(oldNames as Record<string, string>)) {
      expect(findNames(`the first line\nnew ${name}();`)).toEqual([
        { line: 2, words: name, instead },
      ]);
    }
    expect(findNames('a breach; doorsOf(x); NotAllowedHere')).toEqual([]);
  });
});
