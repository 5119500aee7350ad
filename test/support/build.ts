/**
 * Builds `dist` before the tests: the command line, the examples, the package and the page are tested as users get them. What is up to date
 * is not built again. The run fails at once when the page does not build. Type errors are printed and do not stop it; `npm run typecheck`
 * fails for them.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

export default async function build(): Promise<void> {
  await node('node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json').catch((problem) =>
    console.error(`type errors; the tests run all the same:\n${problem.message}`),
  );
  await node('scripts/build-viz.mjs').catch((problem) => {
    throw new Error(`the page does not build, so no test is run:\n${problem.message}`);
  });
}

/** @throws Error whose message is what the script has written */
async function node(...script: readonly string[]): Promise<void> {
  await promisify(execFile)(process.execPath, script).catch(({ stdout, stderr, message }) => {
    throw new Error([stdout, stderr].filter(Boolean).join('\n') || message);
  });
}
