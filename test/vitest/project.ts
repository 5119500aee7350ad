/** A project of a user with tests, run by a real Vitest. */
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { temporaryFolder } from '../support/folder.js';
import { runNode } from '../support/run-node.js';

/** A project with some files and the packages that it has installed. */
export async function project(
  packages: readonly string[],
  files: Readonly<Record<string, string>>,
) {
  const folder = await temporaryFolder();
  const file = (name: string) => join(folder.path, name);
  const modules = file('node_modules');
  await mkdir(modules);
  await symlink(resolve('.'), join(modules, 'ixgate'));
  for (const name of ['xstate', ...packages]) {
    await mkdir(join(modules, name, '..'), { recursive: true });
    await symlink(resolve('node_modules', name), join(modules, name));
  }
  const all = { 'package.json': '{ "type": "module" }', ...files };
  for (const [name, text] of Object.entries(all)) {
    await mkdir(join(file(name), '..'), { recursive: true });
    await writeFile(file(name), text);
  }
  return {
    ...folder,
    file,
    vitest: (...options: readonly string[]) =>
      runNode([resolve('node_modules/vitest/vitest.mjs'), 'run', ...options], { cwd: folder.path }),
  };
}

/** A line of a recording. */
export interface RecordedLine {
  readonly app: string;
  readonly connected?: boolean;
  readonly name?: string;
  readonly gap?: number;
  readonly message?: {
    readonly type: string;
    readonly name?: string;
    readonly event?: { readonly type: string };
    readonly transitions?: readonly unknown[];
  };
}

export async function linesOf(path: string): Promise<RecordedLine[]> {
  const text = await readFile(path, 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}
