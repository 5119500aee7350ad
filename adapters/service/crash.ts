import type { CommandIo } from '../runtime/command-io.js';
import { IxgateError } from '../runtime/errors.js';
import type { Log } from './log.js';

/** Frames of the stack that are told. */
const mostFrames = 5;

/**
 * What nobody caught ends the process, with one line in the log and no hang: after a fault of the program its state is not to be
 * trusted, and whoever watches the process starts it anew.
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
    // Rejections that nobody handles come here too.
    io.signals.on('uncaughtException', this.#crash);
  }

  [Symbol.dispose](): void {
    this.#io.signals.off('uncaughtException', this.#crash);
  }

  readonly #crash = (error: unknown): void => {
    if (this.#crashed) return;
    this.#crashed = true;
    try {
      const text = `the gate ends, a fault of ixgate: ${crashText(error)}`;
      this.#log.always('fatal', text, { event: 'crashed' });
    } finally {
      // It takes half a second at most, whoever reads the log.
      void this.#log.close().finally(() => this.#io.exit(this.#exitCode));
    }
  };
}

/**
 * What of an error may be told: its kind and where in the program it was thrown, and the message where ixgate or the system wrote
 * it. Any other message may hold what a client sent (JSON.parse quotes it).
 */
export function crashText(error: unknown): string {
  if (!(error instanceof Error)) return `${typeof error} thrown`;
  const { code, syscall, name, message, stack = '' } = error as NodeJS.ErrnoException;
  const known = error instanceof IxgateError || typeof syscall === 'string';
  const frames = stack
    // A message of several lines may look like frames.
    .replace(message, () => '')
    .split('\n')
    .filter((line) => /^ {4}at /.test(line))
    .slice(0, mostFrames)
    .map((line) => line.trim());
  const what = known ? `: ${message}` : code === undefined ? '' : ` ${code}`;
  return [`${name}${what}`, ...frames].join(' ');
}
