import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ixgate } from '../cli/in-process.js';
import { temporaryFolder } from '../support/folder.js';

it('a picture shows the coverage of a machine: counts, and what was never used, but no count for history', async () => {
  await using folder = await temporaryFolder();
  const at = (name: string) => join(folder.path, name);
  const events = [{ type: 'NEXT', name: 'Ada' }, { type: 'BACK' }, { type: 'HELP' }];
  await writeFile(at('events.jsonl'), events.map((event) => JSON.stringify(event)).join('\n'));
  const pictures = ['--svg', at('used.svg'), '--png', at('used.png'), '--scale', '1'];
  const { code, stdout } = await ixgate([
    ...[
      'coverage',
      '--machine',
      'examples/charts/multi-step-form.ts',
      at('events.jsonl'),
      '--json',
    ],
    ...pictures,
  ]);
  expect(code).toBe(0);
  expect(JSON.parse(stdout).pictures).toEqual([at('used.svg'), at('used.png')]);
  const svg = await readFile(at('used.svg'), 'utf8');
  expect(titlesOf(svg)).toEqual([
    'form',
    'name, visited 2 times',
    'age, visited once',
    'check, never visited',
    'last (H)',
    'help, visited once',
    'saving, never visited',
    'saved, never visited',
  ]);
  expect(svg.match(/<g class="chart-edge event covered">/g)).toHaveLength(3);
  expect(svg.match(/<g class="chart-edge event never uncovered">/g)).toHaveLength(8);
  expect(svg).toContain('Used: 3 of 6 states, 3 of 11 transitions');
  const png = await readFile(at('used.png'));
  const [, width] = /width="(\d+)"/.exec(svg) ?? [];
  // From the header of the file.
  expect(png.readUInt32BE(16)).toBe(Number(width));
});

function titlesOf(svg: string): string[] {
  return [...svg.matchAll(/<g class="chart-state[^>]*><title>([^<]*)</g)].map(
    ([, title]) => title ?? '',
  );
}
