import { spawnSync } from 'node:child_process';

/** Whether promtool of Prometheus is installed (Debian: prometheus). Tests that need it print that they are skipped. */
export const hasPromtool = spawnSync('promtool', ['--version']).status === 0;
if (!hasPromtool)
  console.log('promtool is not installed (Debian: prometheus): its checks are skipped');

/** Runs promtool. @returns its exit code and everything that it wrote */
export function promtool(args: readonly string[], input = '', cwd?: string) {
  const { status, stdout, stderr } = spawnSync('promtool', args, { input, cwd, encoding: 'utf8' });
  return { status, output: stdout + stderr };
}
