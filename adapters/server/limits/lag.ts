/** How often the event loop is asked, in milliseconds. */
const interval = 100;

/** Notices when the event loop was held up. */
export class LagWatch {
  readonly #timer: NodeJS.Timeout;

  /**
   * @param onLag hears each hold-up once, soon after it ended, with the milliseconds it is known to have lasted: up to 100 less than it
   * did. Timers are always a little late, so it hears fractions of a millisecond too; what counts as a hold-up is the caller's to say.
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
