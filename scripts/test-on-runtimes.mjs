/**
 * Runs the embed suite (test/runtimes/embed.mjs) on other versions of Node, on Bun and on Deno: `node scripts/test-on-runtimes.mjs
 * [runtime@version ...]`. Needs the build.
 */
import { installRuntime, run } from './runtimes.mjs';

const all = ['node@20.19.6', 'node@22', 'node@24', 'node@26', 'bun@1', 'deno@2'];
const runtimes = process.argv.length > 2 ? process.argv.slice(2) : all;
const suite = 'test/runtimes/embed.mjs';
/** Deno asks for each permission otherwise. */
const argumentsOf = (runtime) => (runtime.startsWith('deno') ? ['run', '-A', suite] : [suite]);

const failed = [];
for (const runtime of runtimes) {
  const binary = await installRuntime(runtime);
  console.log(`\n== ${runtime}`);
  if (!(await run(binary, argumentsOf(runtime)))) failed.push(runtime);
}
console.log(`\n${runtimes.length - failed.length} passed, ${failed.length} failed`);
if (failed.length > 0) console.log(`The embed suite failed on ${failed.join(', ')}`);
process.exitCode = failed.length > 0 ? 1 : 0;
