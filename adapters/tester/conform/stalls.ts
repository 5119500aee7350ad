/** Milliseconds between two looks at the clock. */
const every = 10;
/** Stalls that are remembered; what is judged lies in the newest. */
const most = 256;

/**
 * Watches for how long this process was held up. A tester that slept cannot say of anything when it came: whatever came
 * meanwhile is noted when it wakes.
 */
export class Stalls implements Disposable {
  readonly #timer: NodeJS.Timeout;
  readonly #found: { readonly from: number; readonly to: number }[] = [];
  #lookedAt = performance.now();

  constructor() {
    this.#timer = setInterval(() => this.#look(), every);
    this.#timer.unref();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  /** The longest of those that were not over before a moment of performance.now, in milliseconds; 0 for none. */
  longestSince(moment: number): number {
    this.#look();
    const since = this.#found.filter(({ to }) => to >= moment);
    return Math.max(0, ...since.map(({ from, to }) => to - from));
  }

  #look(): void {
    const now = performance.now();
    const from = this.#lookedAt + every;
    this.#lookedAt = now;
    if (now - from < 1) return;
    this.#found.push({ from, to: now });
    if (this.#found.length > most) this.#found.shift();
  }
}
