import { maxKinds, maxLines, windowMs } from '../../runtime/log-limits.js';

/** Milliseconds by which the line that says what was left out may be late. */
const late = 1_000;

/**
 * Whether lines may be left out at this point of a gate's log. That they are is written only when the ten seconds are over: until then
 * the absence of a line proves nothing once as many were written as are in that time.
 */
export class LeftOut {
  readonly #windows = new Map<string, { since: number; written: number }>();

  /** A line of this kind was written. */
  wrote(kind: string, at: number): void {
    const window = this.#windows.get(kind);
    if (window && isOpen(window, at)) window.written += 1;
    else this.#begin(kind, at, 1);
  }

  /** It was written how many were left out until now. */
  told(kind: string, at: number): void {
    this.#begin(kind, at, 0);
  }

  may(at: number): boolean {
    for (const window of this.#windows.values()) {
      if (window.written >= maxLines && isOpen(window, at)) return true;
    }
    return false;
  }

  #begin(kind: string, since: number, written: number): void {
    this.#windows.delete(kind);
    this.#windows.set(kind, { since, written });
    const [oldest] = this.#windows.keys();
    if (this.#windows.size > maxKinds && oldest !== undefined) this.#windows.delete(oldest);
  }
}

const isOpen = ({ since }: { since: number }, at: number) => at <= since + windowMs + late;
