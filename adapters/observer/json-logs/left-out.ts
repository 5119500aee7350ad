import { maxKinds, maxLines, windowMs } from '../../runtime/log-limits.js';

/** Maximum delay of the line that reports dropped lines, in milliseconds. */
const late = 1_000;

/**
 * Whether lines may have been dropped at this point of a gate's log. The log reports them only after ten seconds: until then
 * the absence of a line proves nothing once the number of lines has reached the limit.
 */
export class LeftOut {
  readonly #windows = new Map<string, { since: number; written: number }>();

  /** Counts a line of this kind. */
  wrote(kind: string, at: number): void {
    const window = this.#windows.get(kind);
    if (window && isOpen(window, at)) window.written += 1;
    else this.#begin(kind, at, 1);
  }

  /** Handles the line that reports the dropped lines. */
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
