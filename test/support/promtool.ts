import { spawnSync } from 'node:child_process';

/** Whether promtool of Prometheus is installed. If not, it logs that the checks that need it are skipped. */
export const hasPromtool = spawnSync('promtool', ['--version']).status === 0;
if (!hasPromtool) {
  console.warn('SKIPPED: promtool is not installed (Debian: apt-get install prometheus)');
}

/** Runs promtool. @returns its exit code and everything that it wrote */
export function promtool(args: readonly string[], input = '', cwd?: string) {
  const { status, stdout, stderr } = spawnSync('promtool', args, { input, cwd, encoding: 'utf8' });
  return { status, output: stdout + stderr };
}
