/** `ixgate generate --machine` draws diagrams. */
import { readFile, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mermaidChart, plantumlChart, scxmlChart } from '../../machines/entry/model.js';
import { ixgate } from '../cli/in-process.js';
import { everything } from '../engine/diagrams/chart-with-everything.js';
import { temporaryFolder } from '../support/folder.js';

const folder = await temporaryFolder();
afterAll(() => folder[Symbol.asyncDispose]());
beforeAll(async () => {
  const source = await readFile('test/engine/diagrams/chart-with-everything.ts', 'utf8');
  await writeFile(join(folder.path, 'chart.ts'), source);
  await symlink(resolve('node_modules'), join(folder.path, 'node_modules'));
});

const generate = (...args: string[]) =>
  ixgate(['generate', '--machine', 'chart.ts', ...args], { cwd: folder.path });
const written = (name: string) => readFile(join(folder.path, name), 'utf8');

describe('ixgate generate --machine', () => {
  it.each([
    ['mermaid', 'mmd', mermaidChart],
    ['plantuml', 'puml', plantumlChart],
    ['scxml', 'scxml', scxmlChart],
  ] as const)(
    'writes %s, as the function of ixgate/model gives it',
    async (format, ending, draw) => {
      const { code, stdout, stderr } = await generate('--format', format, '--out', 'out');
      const file = join('out', `everything.${ending}`);
      expect(stderr).toBe('');
      expect(stdout).toBe(`${format} of everything, written to ${file}\n`);
      expect(code).toBe(0);
      expect(await written(file)).toBe(draw(everything));
    },
  );

  it('refuses options of suites, and a diagram without a machine', async () => {
    const { code, stderr } = await generate('--format', 'svg', '--criterion', 'w1');
    expect(stderr).toContain('--criterion belongs to suites; leave it out with --format svg');
    expect(code).toBe(2);
    const without = await ixgate(['generate', '--format', 'svg']);
    expect(without.stderr).toContain('--format svg needs --machine');
    expect(without.code).toBe(2);
  });

  it('reports a mistake in the file with its code, and without a stack', async () => {
    await writeFile(join(folder.path, 'bad.ts'), 'export const a = ;');
    const bad = ['generate', '--machine', 'bad.ts', '--format', 'svg'];
    const { code, stderr } = await ixgate([...bad, '--json'], { cwd: folder.path });
    expect(JSON.parse(stderr).error).toEqual({
      code: 'MODULE_INVALID',
      message: 'bad.ts:1:17: syntax error: Unexpected token. Fix the file',
    });
    expect(code).toBe(2);
    expect((await ixgate(bad, { cwd: folder.path })).stderr.trim().split('\n')).toHaveLength(1);
  });
});
