/** `ixgate generate --machine` as a process: pictures, and modules that leave something open. */
import { readFile, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { ixgate } from '../cli/ixgate.js';
import { temporaryFolder } from '../support/folder.js';

it('a command with --machine ends, though the module leaves a timer and a server open, and writes all of its output', async () => {
  await using folder = await temporaryFolder();
  await symlink(resolve('node_modules'), join(folder.path, 'node_modules'));
  await writeFile(
    join(folder.path, 'open.ts'),
    `import { createServer } from 'node:net';
import { createMachine } from 'xstate';
setInterval(() => {}, 1_000);
createServer().listen(0);
export const light = createMachine({ initial: 'red', states: { red: {} } });
export const wrong = 1;`,
  );
  const args = ['generate', '--format', 'scxml', '--json', '--machine'];
  const good = await ixgate([...args, 'open.ts#light'], { cwd: folder.path });
  expect(good.stderr).toBe('');
  expect(JSON.parse(good.stdout).files).toEqual(['light.scxml']);
  expect(good.code).toBe(0);
  const bad = await ixgate([...args, 'open.ts#wrong'], { cwd: folder.path });
  expect(JSON.parse(bad.stderr).error.code).toBe('NOT_A_MACHINE');
  expect(bad.code).toBe(2);
});

it('what a module prints while it is loaded goes to stderr, so that --json stays readable', async () => {
  await using folder = await temporaryFolder();
  await symlink(resolve('node_modules'), join(folder.path, 'node_modules'));
  await writeFile(
    join(folder.path, 'loud.ts'),
    `import { createMachine } from 'xstate';
console.log('loaded');
export const light = createMachine({ initial: 'red', states: { red: {} } });`,
  );
  const args = ['check', '--machine', 'loud.ts', '--json'];
  const { code, stdout, stderr } = await ixgate(args, { cwd: folder.path });
  expect(JSON.parse(stdout)).toMatchObject({ states: 1 });
  expect(stderr).toBe('loaded\n');
  expect(code).toBe(0);
});

it('writes the picture of the page as SVG, with every state and label, without a browser', async () => {
  await using folder = await temporaryFolder();
  await symlink(resolve('node_modules'), join(folder.path, 'node_modules'));
  const source = await readFile('test/engine/diagrams/chart-with-everything.ts', 'utf8');
  await writeFile(join(folder.path, 'chart.ts'), source);
  const args = ['generate', '--machine', 'chart.ts', '--format', 'svg', '--json'];
  const { code, stdout } = await ixgate(args, { cwd: folder.path });
  expect(JSON.parse(stdout)).toEqual({
    format: 'svg',
    name: 'everything',
    files: ['everything.svg'],
  });
  expect(code).toBe(0);
  const svg = await readFile(join(folder.path, 'everything.svg'), 'utf8');
  expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
  for (const text of [
    'off',
    'on',
    'all (H*)',
    'BACK [ready]',
    'pause',
    'a &lt;b&gt; &quot;c&quot;',
  ])
    expect(svg).toContain(`>${text}<`);
});
