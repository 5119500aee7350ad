import type { GateLog } from '../log.js';
import type { FromWorker } from './messages.js';

/** Milliseconds within which the same line of several workers is one. */
const sameLine = 2_000;

/** Writes log lines of workers. A line that several workers write, e.g. about a file that all of them read, is written once. */
export class SharedLog {
  readonly #log: GateLog;
  readonly #written = new Map<string, number>();

  constructor(log: GateLog) {
    this.#log = log;
  }

  write({ severity, what }: Extract<FromWorker, { type: 'log' }>): void {
    const text = JSON.stringify(what);
    const now = performance.now();
    for (const [line, at] of this.#written) if (now - at > sameLine) this.#written.delete(line);
    if (this.#written.has(text)) return;
    this.#written.set(text, now);
    (this.#log[severity] as (...line: unknown[]) => void)(...what);
  }
}
