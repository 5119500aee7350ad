import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { findingCodes, inferences, missingReasons, verdicts } from '../../machines/index.js';

const doc = readFileSync('docs/logs.md', 'utf8');

test('Each finding has a heading in docs/logs.md, with what it means', () => {
  const sections = doc.split(/^### /m).slice(1);
  expect(sections.map((text) => text.split('\n', 1)[0])).toEqual(Object.keys(findingCodes));
  for (const [code, meaning] of Object.entries(findingCodes)) {
    expect(doc).toContain(`### ${code}\n\n${meaning}\n\n`);
  }
});

test('docs/logs.md has each verdict, inference and reason in the words of the report', () => {
  for (const [key, words] of Object.entries({ ...inferences, ...missingReasons })) {
    expect(doc).toContain(`| \`${key}\` | ${words} |`);
  }
  for (const [key, words] of Object.entries(verdicts)) {
    expect(doc).toContain(`| \`${key}\` | ${words}`);
  }
});
