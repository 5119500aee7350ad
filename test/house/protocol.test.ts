import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';

async function testTexts(): Promise<string> {
  const entries = await readdir('test', { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.name.endsWith('.test.ts') || entry.name.endsWith('-suite.ts'))
    .map((entry) => readFile(join(entry.parentPath, entry.name), 'utf8'));
  return (await Promise.all(files)).join('\n');
}

const number = /GATE-\d+\.\d+/g;

it('Each numbered statement of the protocol stands in a test, and each number in a test is a statement', async () => {
  const protocol = await readFile('docs/protocol.md', 'utf8');
  const stated = [...protocol.matchAll(/^- \*\*(GATE-\d+\.\d+)\*\*/gm)].map(([, id]) => id);
  const traced = new Set((await testTexts()).match(number));
  expect(stated.length).toBeGreaterThan(30);
  expect(new Set(stated).size).toBe(stated.length);
  expect(stated.filter((id) => !traced.has(id ?? ''))).toEqual([]);
  expect([...traced].filter((id) => !stated.includes(id))).toEqual([]);
});
