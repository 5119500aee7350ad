/** Machines of users are loaded from their files, and each mistake has an error with the place and the fix. */
import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createActor } from 'xstate';
import { LoadError, loadMachine, loadModule } from '../../adapters/charts/index.js';
import { temporaryFolder } from '../support/folder.js';

const folder = await temporaryFolder();
afterAll(() => folder[Symbol.asyncDispose]());
const light = `createMachine({ id: 'light', initial: 'red', states: { red: { on: { GO: 'green' } }, green: {} } })`;
const files: Readonly<Record<string, string>> = {
  'light.ts': `import { createMachine } from 'xstate';
interface Colour { readonly name: string }
const colour: Colour = { name: 'red' };
export const colours: readonly Colour[] = [colour];
export default ${light} satisfies object;`,
  'named.ts': `import { setup } from 'xstate';
export const limit = 3;
export const door = setup({}).createMachine({ initial: 'open', states: { open: {} } });`,
  'several.mts': `import { createMachine } from 'xstate';
export const red = ${light};
export const green = ${light};`,
  'module.mjs': `import { createMachine } from 'xstate';
await Promise.resolve();
export default ${light};`,
  'common.cjs': `const { createMachine } = require('xstate');
module.exports = ${light};`,
  'common-names.cjs': `const { createMachine } = require('xstate');
exports.limit = 3;
exports.light = ${light};`,
  'plain.js': `export { default as light } from './light';`,
  'tsconfig.json': `{ "compilerOptions": { "paths": { "@/*": ["./*"] } } }`,
  'alias.ts': `export { default } from '@/light';`,
  'syntax.ts': `export const a = 1;\nexport const b: = 2;\n`,
  'throws.ts': `import { url } from './inner';\nexport const one = url;`,
  'inner.ts': `interface Settings {
  url: string;
}
export const url: string = (() => { throw new Error('DATABASE_URL is not set.\\nSecond line'); })();`,
  'no-package.ts': `import { one } from 'not-installed-anywhere';\nexport default one;`,
  'throws-text.js': `throw 'no reason';`,
  'nothing.ts': `const a = 1;`,
  'no-machine.ts': `export const a = 1;\nexport const b = 2;`,
  'values.ts': `import { createActor, createMachine, fromPromise, setup } from 'xstate';
export const makeLight = () => ${light};
export const actor = createActor(${light});
export const config = { initial: 'a', states: { a: {} } };
export const later = Promise.resolve(${light});
export const logic = fromPromise(async () => 1);
export const half = setup({});
export const list = [1];
export const none = null;
export const count = 7;`,
  'starts.ts': `import { createActor, createMachine } from 'xstate';
export const light = ${light};

createActor(light).start();`,
  'starts-caught.ts': `import { createActor, createMachine } from 'xstate';
export const light = ${light};
try { createActor(light).start(); } catch {}`,
  'endless.ts': `await new Promise(() => {});\nexport default 1;`,
};

beforeAll(async () => {
  const names = Object.entries(files);
  await Promise.all(names.map(([name, text]) => writeFile(join(folder.path, name), text)));
  await symlink(resolve('node_modules'), join(folder.path, 'node_modules'));
  const four = await otherCopy('four', 'adapters/xstate-inspector/node_modules/xstate');
  await writeFile(join(four, 'light.cjs'), files['common.cjs'] ?? '');
  const five = await otherCopy('five', 'node_modules/xstate');
  await writeFile(join(five, 'light.ts'), files['light.ts'] ?? '');
});

/** A folder with its own copy of xstate. */
async function otherCopy(name: string, from: string): Promise<string> {
  const to = join(folder.path, name, 'node_modules/xstate');
  await mkdir(to, { recursive: true });
  for (const part of ['package.json', 'dist', 'lib', 'actions', 'guards', 'dev'])
    await cp(join(from, part), join(to, part), { recursive: true }).catch(() => {});
  return join(folder.path, name);
}

const load = (spec: string, timeout?: number) =>
  loadMachine(spec, { cwd: folder.path, ...(timeout !== undefined && { timeout }) });

async function problemOf(spec: string, timeout?: number): Promise<string> {
  const error = await load(spec, timeout).then(
    () => new Error(`${spec} was loaded`),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof LoadError)) throw error;
  expect(error.message).not.toMatch(/\n| at /);
  return `${error.code} ${error.message}`;
}

describe('loadMachine', () => {
  it.each([
    ['light.ts', 'light', 'light'],
    ['./light.ts#default', 'light', 'light'],
    ['named.ts', 'door', '(machine)'],
    ['several.mts#green', 'green', 'light'],
    ['module.mjs', 'module', 'light'],
    ['common.cjs', 'common', 'light'],
    ['common-names.cjs', 'light', 'light'],
    ['plain.js', 'light', 'light'],
    ['alias.ts', 'alias', 'light'],
  ])('loads %s', async (spec, name, id) => {
    const loaded = await load(spec);
    expect(loaded.name).toBe(name);
    expect(loaded.machine.id).toBe(id);
    expect(createActor(loaded.machine).start().getSnapshot().status).toBe('active');
  });

  it('gives the other exports and the path of the file', async () => {
    const { exports, file } = await load('light.ts');
    expect(exports.colours).toEqual([{ name: 'red' }]);
    expect(file).toBe(join(folder.path, 'light.ts'));
    expect(await loadModule('named.ts', { cwd: folder.path })).toMatchObject({ limit: 3 });
  });

  it.each([
    ['lihgt.ts', 'MODULE_MISSING lihgt.ts: file not found. Did you mean light.ts?'],
    ['light', 'MODULE_MISSING light: file not found. Did you mean light.ts?'],
    ['four', 'MODULE_MISSING four: it is not a file. Give the path of a file'],
    ['syntax.ts', 'MODULE_INVALID syntax.ts:2:16: syntax error: Unexpected token. Fix the file'],
    [
      'throws.ts',
      'MODULE_FAILED throws.ts: inner.ts:4: the module throws: DATABASE_URL is not set. Export the machine from a module that can be imported alone',
    ],
    [
      'throws-text.js',
      'MODULE_FAILED throws-text.js: the module throws: no reason. Export the machine from a module that can be imported alone',
    ],
    [
      'no-package.ts',
      "MODULE_FAILED no-package.ts:1: the module throws: Cannot find module 'not-installed-anywhere'. Install the package, or fix the import",
    ],
    [
      'light.ts#lihgt',
      'NO_SUCH_EXPORT light.ts: no export "lihgt"; it exports colours, default. Choose one, e.g. light.ts#default',
    ],
    [
      'several.mts',
      'NO_SUCH_EXPORT several.mts: it exports 2 machines: green, red. Choose one, e.g. several.mts#green',
    ],
    ['nothing.ts', 'NOT_A_MACHINE nothing.ts: no machine is exported; it exports nothing. '],
    ['no-machine.ts', 'NOT_A_MACHINE no-machine.ts: no machine is exported; it exports a, b. '],
    [
      'values.ts#makeLight',
      'NOT_A_MACHINE values.ts: the export makeLight is not a machine but a function. If it makes a machine, call it in the module: export const makeLight = makeLight()',
    ],
    ['values.ts#actor', 'is not a machine but an actor. Export its machine'],
    [
      'values.ts#config',
      'but a configuration. Make a machine of it: export const config = createMachine(...)',
    ],
    [
      'values.ts#later',
      'but a promise. If it resolves to a machine: export const later = await ...',
    ],
    ['values.ts#logic', 'but actor logic without states. Export a machine'],
    ['values.ts#half', 'but the result of setup. Call createMachine of it'],
    ['values.ts#list', 'but an array. Export a machine'],
    ['values.ts#none', 'but null. Export a machine'],
    ['values.ts#count', 'but a number. Export a machine'],
  ])('refuses %s', async (spec, problem) => {
    expect(await problemOf(spec)).toContain(problem);
  });

  it('refuses a module that starts an actor when it is imported, and the actor does not start', async () => {
    const problem = (at: string) =>
      `MODULE_STARTS_ACTOR ${at}: ${at.split(':')[0]} starts an actor when it is imported. Export the machine from a module without side effects`;
    expect(await problemOf('starts.ts')).toBe(problem('starts.ts:4'));
    expect(await problemOf('starts-caught.ts')).toBe(problem('starts-caught.ts:3'));
    // Afterwards actors start as before.
    const { machine } = await load('light.ts');
    expect(createActor(machine).start().getSnapshot().value).toBe('red');
  });

  it('gives up a module that never finishes loading', async () => {
    expect(await problemOf('endless.ts', 50)).toBe(
      'MODULE_TIMEOUT endless.ts: the module did not finish loading within 0.05 s. Look for a top-level await that never ends; export the machine from a module without side effects',
    );
  });

  it('refuses a machine of another copy of xstate, with both versions and both folders', async () => {
    const { version } = JSON.parse(await readFile('node_modules/xstate/package.json', 'utf8'));
    const problem = await problemOf('five/light.ts');
    expect(problem).toMatch(
      /^OTHER_XSTATE five\/light\.ts: the machine default was made by another copy of xstate/,
    );
    expect(problem).toContain(
      `ixgate imports xstate ${version} in ${resolve('node_modules/xstate')}`,
    );
    expect(problem).toContain(
      `this file xstate ${version} in ${join(folder.path, 'five/node_modules/xstate')}`,
    );
    expect(problem).toContain('npm ls xstate');
  });

  it('refuses a machine of xstate 4, with its version', async () => {
    const problem = await problemOf('four/light.cjs');
    expect(problem).toMatch(
      /^OTHER_XSTATE four\/light\.cjs: the machine default was made by xstate 4 or older/,
    );
    expect(problem).toMatch(/this file xstate 4\.\d+\.\d+ in /);
    expect(problem).toContain('npm install xstate@5');
  });
});
