import { duration } from '../../machines/index.js';
import { maxKinds, maxLines, windowMs } from '../runtime/log-limits.js';

export type Severity = 'info' | 'warn' | 'error';

/** One line of the log. */
export interface LogLine {
  readonly severity: Severity;
  readonly text: string;
  readonly fields: object;
}

interface Window {
  /** Lines that may still be written in it. */
  left: number;
  leftOut: number;
  last: LogLine;
  readonly once: boolean;
  timer: NodeJS.Timeout;
}

/**
 * Bounds how much is written of what strangers can cause: of each kind 20 lines in 10 seconds, then one line that says how many
 * were left out. Of a problem one line is written when it begins, and while it goes on only the counts.
 */
export class Repeats {
  readonly #write: (line: LogLine) => void;
  readonly #windows = new Map<string, Window>();

  constructor(write: (line: LogLine) => void) {
    this.#write = write;
  }

  /** @param kind what is counted together. */
  tell(kind: string, line: LogLine): void {
    this.#tell(kind, line, false);
  }

  /** A problem: said once, then counted until it is over for the length of a window. */
  tellOnce(kind: string, line: LogLine): void {
    this.#tell(kind, line, true);
  }

  /** Says what was left out until now. Nothing runs any more after it. */
  end(): void {
    for (const window of this.#windows.values()) {
      clearTimeout(window.timer);
      this.#sayLeftOut(window);
    }
    this.#windows.clear();
  }

  #tell(kind: string, line: LogLine, once: boolean): void {
    const known = this.#windows.has(kind) || this.#windows.size < maxKinds;
    const window = this.#windowOf(known ? kind : '', line, once);
    if (window.left > 0) {
      window.left -= 1;
      this.#write(line);
      return;
    }
    window.leftOut += 1;
    window.last = line;
  }

  #windowOf(kind: string, last: LogLine, once: boolean): Window {
    const before = this.#windows.get(kind);
    if (before) return before;
    const left = once ? 1 : maxLines;
    const window: Window = { left, leftOut: 0, last, once, timer: this.#endLater(kind) };
    this.#windows.set(kind, window);
    return window;
  }

  #endLater(kind: string): NodeJS.Timeout {
    return setTimeout(() => this.#windowOver(kind), windowMs).unref();
  }

  #windowOver(kind: string): void {
    const window = this.#windows.get(kind);
    if (!window) return;
    if (!this.#sayLeftOut(window)) {
      this.#windows.delete(kind);
      return;
    }
    window.left = window.once ? 0 : maxLines;
    window.leftOut = 0;
    window.timer = this.#endLater(kind);
  }

  #sayLeftOut({ leftOut, last: { severity, text, fields } }: Window): boolean {
    if (leftOut === 0) return false;
    this.#write({
      severity,
      text: `${leftOut} more like this in ${duration(windowMs)}: ${text}`,
      fields: { ...fields, event: 'left-out', of: (fields as { event?: string }).event, leftOut },
    });
    return true;
  }
}
