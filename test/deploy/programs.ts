/** Programs of Debian that the tests of `deploy/` run for real. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';

/** Debian installs servers where only root's PATH leads. */
export const programEnvironment = {
  ...process.env,
  PATH: `${process.env.PATH}:/usr/sbin:/usr/local/sbin`,
};

/**
 * Whether a program is installed. If not, it logs that the tests which need it are skipped.
 * @param args make it print its version
 * @throws in CI, which installs all of them
 */
export async function hasProgram(
  name: string,
  args: readonly string[],
  debianPackage: string,
): Promise<boolean> {
  try {
    await promisify(execFile)(name, args, { env: programEnvironment });
    return true;
  } catch {
    const missing = `${name} is not installed (Debian: apt-get install ${debianPackage})`;
    if (process.env.CI) throw new Error(`CI needs it: ${missing}`);
    console.warn(`SKIPPED: ${missing}`);
    return false;
  }
}

/** A program that runs until it is disposed. */
export interface RunningProgram extends AsyncDisposable {
  readonly child: ChildProcess;
  /** Everything that it wrote to stderr. */
  readonly stderr: () => string;
}

/** Starts a program. @param cwd the folder in which it runs */
export function startProgram(name: string, args: readonly string[], cwd: string): RunningProgram {
  const child = spawn(name, args, {
    cwd,
    env: programEnvironment,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = once(child, 'close');
  return {
    child,
    stderr: () => stderr,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
