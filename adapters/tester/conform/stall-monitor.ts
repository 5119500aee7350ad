/** Milliseconds between two checks of the clock. */
const checkInterval = 10;
/** Number of stalls that are kept: the latest ones, which are those under judgement. */
const maxStalls = 256;

/**
 * Records for how long this process was stalled. A stalled tester cannot time what arrived meanwhile: it notes the arrival when it
 * resumes.
 */
export class StallMonitor implements Disposable {
  readonly #timer: NodeJS.Timeout;
  readonly #found: { readonly from: number; readonly to: number }[] = [];
  #checkedAt = performance.now();

  constructor() {
    this.#timer = setInterval(() => this.#check(), checkInterval);
    this.#timer.unref();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  /** The longest stall that lasted beyond a moment of performance.now, in milliseconds; 0 for none. */
  longestSince(moment: number): number {
    this.#check();
    const since = this.#found.filter(({ to }) => to >= moment);
    return Math.max(0, ...since.map(({ from, to }) => to - from));
  }

  #check(): void {
    const now = performance.now();
    const from = this.#checkedAt + checkInterval;
    this.#checkedAt = now;
    if (now - from < 1) return;
    this.#found.push({ from, to: now });
    if (this.#found.length > maxStalls) this.#found.shift();
  }
}
