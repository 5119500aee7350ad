import { duration } from '../../machines/text/format.js';
import { maxKinds, maxLines, windowMs } from '../runtime/log-limits.js';
import type { Severity } from './log-events.js';

/** One line of the log. */
export interface LogLine {
  readonly severity: Severity;
  readonly text: string;
  readonly fields: { readonly event: string; readonly [field: string]: unknown };
}

interface Window {
  /** Lines that may still be written in this window. */
  left: number;
  suppressed: number;
  last: LogLine;
  readonly once: boolean;
  timer: NodeJS.Timeout;
}

/**
 * Limits log lines that unregistered clients can cause: at most 20 of each kind in 10 seconds, then one line with the number of
 * suppressed lines. A problem gets one line when it begins, then only counts while it lasts.
 */
export class Repeats {
  readonly #write: (line: LogLine) => void;
  readonly #windows = new Map<string, Window>();

  constructor(write: (line: LogLine) => void) {
    this.#write = write;
  }

  /** @param kind lines of the same kind are counted together. */
  tell(kind: string, line: LogLine): void {
    this.#tell(kind, line, false);
  }

  /** A problem: logged once, then counted until a window passes without it. */
  tellOnce(kind: string, line: LogLine): void {
    this.#tell(kind, line, true);
  }

  /** Writes the counts of suppressed lines, and stops all timers. */
  end(): void {
    for (const window of this.#windows.values()) {
      clearTimeout(window.timer);
      this.#writeSuppressed(window);
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
    window.suppressed += 1;
    window.last = line;
  }

  #windowOf(kind: string, last: LogLine, once: boolean): Window {
    const before = this.#windows.get(kind);
    if (before) return before;
    const left = once ? 1 : maxLines;
    const window: Window = { left, suppressed: 0, last, once, timer: this.#endLater(kind) };
    this.#windows.set(kind, window);
    return window;
  }

  #endLater(kind: string): NodeJS.Timeout {
    return setTimeout(() => this.#windowOver(kind), windowMs).unref();
  }

  #windowOver(kind: string): void {
    const window = this.#windows.get(kind);
    if (!window) return;
    if (!this.#writeSuppressed(window)) {
      this.#windows.delete(kind);
      return;
    }
    window.left = window.once ? 0 : maxLines;
    window.suppressed = 0;
    window.timer = this.#endLater(kind);
  }

  #writeSuppressed({ suppressed, last: { severity, text, fields } }: Window): boolean {
    if (suppressed === 0) return false;
    this.#write({
      severity,
      text: `${suppressed} more like this in ${duration(windowMs)}: ${text}`,
      fields: { ...fields, event: 'suppressed', of: fields.event, suppressed },
    });
    return true;
  }
}
