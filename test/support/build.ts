/**
 * Builds `dist` once before the tests, because the command line, the examples, the package and the page are tested as users get them.
 * Type errors are printed and do not stop the run; `npm run typecheck` fails for them.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

export default async function build(): Promise<void> {
  const steps = [
    ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'],
    ['scripts/build-viz.mjs'],
  ];
  for (const step of steps) {
    await promisify(execFile)(process.execPath, step).catch(({ stdout, message }) => {
      console.error(`npm run build printed:\n${stdout || message}`);
    });
  }
}
