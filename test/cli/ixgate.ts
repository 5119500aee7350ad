/** The built command line as users have it, in a separate process. Most tests use `in-process.ts`, which is faster. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type Ran, runNode } from '../support/run-node.js';
import { type GateRunning, LineReader, listening } from './lines.js';

export const program = fileURLToPath(new URL('../../adapters/cli/ixgate.mjs', import.meta.url));

/** Runs to the end, in a folder without a configuration. */
export function ixgate(
  args: readonly string[],
  options: { input?: string; env?: NodeJS.ProcessEnv; cwd?: string } = {},
): Promise<Ran> {
  return runNode([program, ...args], { cwd: tmpdir(), ...options });
}

export type { Line } from './lines.js';

export interface RunningOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** What the shell's `ulimit` is given before it runs. */
  readonly ulimit?: string;
}

/** A process that goes on, with the lines it writes. */
export class Running extends LineReader implements AsyncDisposable {
  readonly child: ChildProcess;
  /** Resolves when the process has ended and everything it wrote is read. */
  readonly ended: Promise<number | string | null>;

  constructor(args: readonly string[], options: RunningOptions = {}) {
    super();
    const { ulimit } = options;
    const shell = ulimit === undefined ? [] : ['sh', '-c', `ulimit ${ulimit}; exec "$0" "$@"`];
    const [command = '', ...rest] = [...shell, process.execPath, program, ...args];
    this.child = spawn(command, rest, {
      cwd: options.cwd ?? tmpdir(),
      env: { ...process.env, NO_COLOR: '1', ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const { stdout, stderr } = this.child;
    if (!stdout || !stderr) throw new Error('there is no pipe');
    stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    stdout.setEncoding('utf8').on('data', (text: string) => this.take(text));
    this.ended = once(this.child, 'close').then(([code, signal]) => {
      this.close();
      return (code ?? signal) as number | string | null;
    });
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.isClosed) this.child.kill('SIGKILL');
    await this.ended;
  }
}

/** A gate on free ports in a process, logging JSON. */
export async function serving(
  args: readonly string[] = [],
  options: RunningOptions = {},
): Promise<Running & GateRunning> {
  return listening(args, (all) => new Running(all, options));
}
