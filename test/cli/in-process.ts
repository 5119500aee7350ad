/**
 * The command line in the process of the test: its arguments, streams, environment and signals are those of one call, its output is
 * kept in memory. `ixgate.ts` starts a process for what only a process has: an exit, a broken pipe, a limit of the system.
 */
import { EventEmitter } from 'node:events';
import { tmpdir } from 'node:os';
import { Readable, Writable } from 'node:stream';
import { run } from '../../adapters/cli/program.js';
import type { CommandIo } from '../../adapters/runtime/command-io.js';
import type { Ran } from '../support/run-node.js';
import { type GateRunning, LineReader, listening } from './lines.js';

export interface CommandOptions {
  /** Standard input; none by default. */
  readonly input?: string;
  /** Added to the environment of the test. */
  readonly env?: NodeJS.ProcessEnv;
  /** Folder of the command (default: one without a configuration). */
  readonly cwd?: string;
}

/** Runs a command to its end. With `cwd` the test process is in that folder meanwhile, so no other command may run at the same time. */
export async function ixgate(args: readonly string[], options: CommandOptions = {}): Promise<Ran> {
  const before = process.cwd();
  if (options.cwd !== undefined) process.chdir(options.cwd);
  try {
    await using command = new Command(args, options);
    const code = await command.ended;
    return { code, stdout: command.stdout, stderr: command.stderr };
  } finally {
    if (options.cwd !== undefined) process.chdir(before);
  }
}

/**
 * A command that goes on, with the lines it writes. It is interrupted at the end of the test. `cwd` is the folder of a configuration; other
 * relative paths start from the folder of the test process.
 */
export class Command extends LineReader implements AsyncDisposable {
  /** Resolves to the exit code when the command has ended. */
  readonly ended: Promise<number>;
  readonly #signals = new EventEmitter();

  constructor(args: readonly string[], { input = '', env, cwd = tmpdir() }: CommandOptions = {}) {
    super();
    let exit: (code: number) => void = () => {};
    const exited = new Promise<number>((resolve) => {
      exit = resolve;
    });
    const io: CommandIo = {
      stdin: Readable.from(input === '' ? [] : [Buffer.from(input)]),
      stdout: writableTo((text) => this.take(text)),
      stderr: writableTo((text) => {
        this.stderr += text;
      }),
      env: { ...process.env, NO_COLOR: '1', ...env },
      folder: cwd,
      signals: this.#signals,
      exit: (code = 0) => exit(code),
    };
    this.ended = Promise.race([run(args, io), exited]).finally(() => this.close());
  }

  /** Sends a signal, as `kill` does. */
  kill(signal: NodeJS.Signals): void {
    this.#signals.emit(signal, signal);
  }

  /** How many listeners a signal has. */
  listenerCount(signal: NodeJS.Signals): number {
    return this.#signals.listenerCount(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await endOf(this);
  }
}

/** Interrupts a command until it ends: the first signal starts the drain of a gate, a later one stops it at once. */
async function endOf(command: Command): Promise<void> {
  const again = setInterval(() => command.kill('SIGTERM'), 50);
  try {
    await command.ended;
  } finally {
    clearInterval(again);
  }
}

/** A gate on free ports that logs JSON. */
export async function serving(
  args: readonly string[] = [],
  options: CommandOptions = {},
): Promise<Command & GateRunning> {
  return listening(args, (all) => new Command(all, options));
}

function writableTo(write: (text: string) => void): Writable {
  return new Writable({
    decodeStrings: false,
    write(chunk, _encoding, done) {
      write(String(chunk));
      done();
    },
  });
}
