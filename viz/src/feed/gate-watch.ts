/** Watches over one connection after the other to the gate: whether the gate still answers, and how far its clock is ahead. */

interface GateWatchOptions {
  /** Asks the gate for an answer. */
  ping(): void;
  /** The gate has not answered. Called once for a connection. */
  silent(): void;
  /** The gate's clock minus this machine's, in milliseconds, has changed. */
  corrected(ahead: number): void;
  /** The page may have slept. */
  awake(): void;
}

/** Milliseconds between two questions to the gate. */
const pingInterval = 2_000;
/** Milliseconds without any message after which the gate is lost (docs/feed.md). */
const silenceLimit = 6_000;
/** The same after a sleep, when it may have been lost for a long time. */
const silenceLimitAwake = 2_000;
/** Milliseconds between two looks; one that comes so much later than it should means that the page slept. */
const lookInterval = 500;
const sleepLimit = 3_000;
/** Milliseconds by which the clocks may drift apart before it is told. */
const driftLimit = 100;

export class GateWatch {
  readonly #options: GateWatchOptions;
  readonly #timer: number;
  readonly #onAwake = () => {
    if (document.visibilityState === 'visible') this.#awake();
  };
  /** Whether there is a connection, and whether the gate has said hello on it. */
  #watching = false;
  #greeted = false;
  #ahead = 0;
  /** By the clock that never jumps, as are those below. */
  #heardAt = 0;
  #deadline = 0;
  #lookedAt = performance.now();
  #lookedDate = Date.now();
  /** When the last question was sent, and the same by the wall clock; the latter is null once it was answered. */
  #pingedAt = 0;
  #pingedDate: number | null = null;

  constructor(options: GateWatchOptions) {
    this.#options = options;
    this.#timer = window.setInterval(() => this.#look(), lookInterval);
    for (const event of ['resume', 'visibilitychange']) {
      document.addEventListener(event, this.#onAwake);
    }
    for (const event of ['online', 'pageshow']) window.addEventListener(event, this.#onAwake);
  }

  /** A connection is being made. */
  start(): void {
    this.#watching = true;
    this.#greeted = false;
    this.#pingedDate = null;
    this.#deadline = performance.now() + silenceLimit;
  }

  /** The gate has said hello. @param ahead its clock minus this machine's, about. */
  greeted(ahead: number): void {
    this.#greeted = true;
    this.#ahead = ahead;
    this.#ping();
  }

  /** Something came. @param at the gate's clock where that is an answer, or null. */
  heard(at: number | null): void {
    this.#heardAt = performance.now();
    this.#deadline = this.#heardAt + silenceLimit;
    const asked = this.#pingedDate;
    if (at === null || asked === null) return;
    this.#pingedDate = null;
    const now = Date.now();
    const took = now - asked;
    // An answer that was long under way, or waited while the page slept, tells little of the clock.
    if (took < 0 || took > 1_000) return;
    const ahead = at - (asked + now) / 2;
    if (Math.abs(ahead - this.#ahead) < Math.max(driftLimit, took)) return;
    this.#ahead = ahead;
    this.#options.corrected(ahead);
  }

  /** When the gate was last heard of, by its clock. */
  get lastHeardAt(): number {
    const age = performance.now() - this.#heardAt;
    const now = Date.now() + this.#ahead;
    // The end of a connection is heard, too, but by a page that slept only when it wakes.
    return age > 2 * pingInterval ? now - age : now;
  }

  /** The connection is lost. */
  stop(): void {
    this.#watching = false;
  }

  close(): void {
    clearInterval(this.#timer);
    for (const event of ['resume', 'visibilitychange']) {
      document.removeEventListener(event, this.#onAwake);
    }
    for (const event of ['online', 'pageshow']) window.removeEventListener(event, this.#onAwake);
  }

  #look(): void {
    const now = performance.now();
    // While the machine sleeps, the clock that never jumps may stand still.
    const passed = Math.max(now - this.#lookedAt, Date.now() - this.#lookedDate);
    this.#lookedAt = now;
    this.#lookedDate = Date.now();
    if (passed > sleepLimit) this.#awake();
    else if (!this.#watching) return;
    else if (now > this.#deadline) {
      this.#watching = false;
      this.#options.silent();
    } else if (this.#greeted && now - this.#pingedAt > pingInterval) this.#ping();
  }

  #awake(): void {
    if (this.#watching) {
      // What came meanwhile may still wait to be read.
      this.#deadline = performance.now() + silenceLimitAwake;
      if (this.#greeted) this.#ping();
    }
    this.#options.awake();
  }

  #ping(): void {
    this.#pingedAt = performance.now();
    this.#pingedDate ??= Date.now();
    this.#options.ping();
  }
}
