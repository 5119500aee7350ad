/** The command line as its users have it: the built program, in a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Ran, runNode } from '../support/run-node.js';

export const program = fileURLToPath(new URL('../../adapters/cli/ixgate.mjs', import.meta.url));

/** Runs to the end, in a folder without a configuration. */
export function ixgate(
  args: readonly string[],
  options: { input?: string; env?: NodeJS.ProcessEnv; cwd?: string } = {},
): Promise<Ran> {
  return runNode([program, ...args], { cwd: tmpdir(), ...options });
}

export type Line = Record<string, unknown>;

export interface RunningOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** What the shell's `ulimit` is given before it runs. */
  readonly ulimit?: string;
}

/** A process that goes on, with the lines it writes. */
export class Running implements AsyncDisposable {
  readonly child: ChildProcess;
  /** Resolves when the process has ended and everything it wrote is read. */
  readonly ended: Promise<number | string | null>;
  stdout = '';
  stderr = '';
  readonly #lines: string[] = [];
  #wake: () => void = () => {};
  #over = false;

  constructor(args: readonly string[], options: RunningOptions = {}) {
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
    createInterface({ input: stdout }).on('line', (line) => {
      this.stdout += `${line}\n`;
      this.#lines.push(line);
      this.#wake();
    });
    this.ended = once(this.child, 'close').then(([code, signal]) => {
      this.#over = true;
      this.#wake();
      return (code ?? signal) as number | string | null;
    });
  }

  /** The next line of JSON with this event, skipping others. */
  async event(name: string): Promise<Line> {
    for (;;) {
      const line = JSON.parse(await this.line()) as Line;
      if (line.event === name) return line;
    }
  }

  async line(): Promise<string> {
    while (this.#lines.length === 0) {
      if (this.#over) throw new Error(`it ended: ${this.stderr}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#lines.shift() ?? '';
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#over) this.child.kill('SIGKILL');
    await this.ended;
  }
}

/** A gate on ports of its own, logging JSON. */
export async function serving(args: readonly string[] = [], options: RunningOptions = {}) {
  const listen = args.includes('--listen') ? [] : ['--listen', 'tcp://127.0.0.1:0'];
  const admin = args.includes('--admin') ? [] : ['--admin', 'off'];
  const running = new Running(['serve', '--json', ...listen, ...admin, ...args], options);
  const { endpoints, admin: adminUrl } = await running.event('listening');
  const [first = ''] = endpoints as string[];
  return Object.assign(running, {
    endpoint: first,
    endpoints: endpoints as string[],
    port: Number(/:(\d+)$/.exec(first)?.[1]),
    admin: adminUrl as string,
  });
}
