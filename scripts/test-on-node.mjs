/**
 * Runs the test suite on other versions of Node: `node scripts/test-on-node.mjs [version ...] [-- vitest arguments]`.
 * The binaries come from npm (see runtimes.mjs), so only npm is needed.
 */
import { delimiter, dirname, join } from 'node:path';
import { installRuntime, root, run } from './runtimes.mjs';

const dashes = process.argv.indexOf('--');
const given = process.argv.slice(2, dashes < 0 ? undefined : dashes);
const versions = given.length > 0 ? given : ['20.19.6', '22', '24', '26'];
const vitestArguments = dashes < 0 ? [] : process.argv.slice(dashes + 1);

const failed = [];
for (const version of versions) {
  const node = await installRuntime(`node@${version}`);
  console.log(`\n== Node ${version}`);
  const ran = await run(node, ['--version']);
  const passed =
    ran &&
    (await run(node, [join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...vitestArguments], {
      // Tests that start `node` or `npm` get the same Node.
      env: { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH}` },
    }));
  if (!passed) failed.push(version);
}
console.log(
  failed.length > 0
    ? `\nThe tests failed on Node ${failed.join(', ')}`
    : `\nThe tests passed on Node ${versions.join(', ')}`,
);
process.exitCode = failed.length > 0 ? 1 : 0;
