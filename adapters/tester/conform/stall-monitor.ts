/** Milliseconds between two checks of the clock. */
const checkInterval = 10;
interface Stall {
  readonly from: number;
  readonly to: number;
}

/**
 * Records for how long this process was stalled. A stalled tester cannot time what arrived meanwhile: it notes the arrival when it
 * resumes.
 */
export class StallMonitor implements Disposable {
  readonly #timer: NodeJS.Timeout;
  /** The stalls that no later stall exceeds, so each is shorter than the one before it. */
  readonly #found: Stall[] = [];
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
    const longest = this.#found.find(({ to }) => to >= moment);
    return longest ? longest.to - longest.from : 0;
  }

  #check(): void {
    const now = performance.now();
    const from = this.#checkedAt + checkInterval;
    this.#checkedAt = now;
    if (now - from < 1) return;
    const found = { from, to: now };
    while (lengthOf(this.#found.at(-1)) <= lengthOf(found)) this.#found.pop();
    this.#found.push(found);
  }
}

function lengthOf(stall: Stall | undefined): number {
  return stall ? stall.to - stall.from : Number.POSITIVE_INFINITY;
}
