import type { CommandIo } from '../runtime/command-io.js';
import { IxgateError } from '../runtime/errors.js';
import type { Log } from './log.js';

/** Maximum number of stack frames in the log line. */
const maxFrames = 5;

/**
 * Ends the process after an uncaught error, with one line in the log: the state of the program cannot be trusted any more. A process
 * manager is expected to restart it.
 */
export class CrashHandler implements Disposable {
  readonly #io: CommandIo;
  readonly #log: Log;
  readonly #exitCode: number;
  #crashed = false;

  constructor(io: CommandIo, log: Log, exitCode: number) {
    this.#io = io;
    this.#log = log;
    this.#exitCode = exitCode;
    // Unhandled rejections come here too.
    io.signals.on('uncaughtException', this.#crash);
  }

  [Symbol.dispose](): void {
    this.#io.signals.off('uncaughtException', this.#crash);
  }

  readonly #crash = (error: unknown): void => {
    if (this.#crashed) return;
    this.#crashed = true;
    try {
      const text = `internal error, the process exits: ${crashText(error)}`;
      this.#log.fatal(text, { event: 'crashed' });
    } finally {
      // Takes at most half a second, even when the log is not read.
      void this.#log.close().finally(() => this.#io.exit(this.#exitCode));
    }
  };
}

/**
 * The part of an error that may be logged: its name, its stack frames, and its message if ixgate or the system wrote it. Other
 * messages may contain data of a client (JSON.parse quotes its input).
 */
export function crashText(error: unknown): string {
  if (!(error instanceof Error)) return `${typeof error} thrown`;
  const { code, syscall, name, message, stack = '' } = error as NodeJS.ErrnoException;
  const known = error instanceof IxgateError || typeof syscall === 'string';
  const frames = stack
    // A multi-line message may look like stack frames.
    .replace(message, () => '')
    .split('\n')
    .filter((line) => /^ {4}at /.test(line))
    .slice(0, maxFrames)
    .map((line) => line.trim());
  const what = known ? `: ${message}` : code === undefined ? '' : ` ${code}`;
  return [`${name}${what}`, ...frames].join(' ');
}
