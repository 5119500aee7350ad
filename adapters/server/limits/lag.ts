/** Milliseconds between two checks. */
const interval = 100;

/** Measures the delay of the event loop. */
export class LagWatch {
  readonly #timer: NodeJS.Timeout;

  /**
   * @param onLag called once after each delay, with its milliseconds, which may be up to 100 too few. Timers are always a little late, so
   * it also gets fractions of a millisecond; the caller decides what counts as overload
   */
  constructor(onLag: (milliseconds: number) => void) {
    let due = performance.now() + interval;
    this.#timer = setInterval(() => {
      const late = performance.now() - due;
      due = performance.now() + interval;
      if (late > 0) onLag(late);
    }, interval);
    this.#timer.unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
