/** Monitors the connections to the gate: whether the gate still answers, and the offset of its clock. */

interface GateWatchOptions {
  /** Sends a ping. */
  ping(): void;
  /** Called when the gate does not answer, once per connection. */
  silent(): void;
  /** Called when the gate's clock minus this machine's clock (milliseconds) has changed. */
  corrected(ahead: number): void;
  /** Called when the page may have been suspended. */
  awake(): void;
}

/** Milliseconds between two pings. */
const pingInterval = 2_000;
/** Milliseconds without a message after which the connection is lost (docs/feed.md). */
const silenceLimit = 6_000;
/** The same after the page was suspended: the connection may have been lost for a long time. */
const silenceLimitAwake = 2_000;
/** Milliseconds between two checks. */
const lookInterval = 500;
/** A check that is late by this many milliseconds means that the page was suspended. */
const sleepLimit = 3_000;
/** Minimum clock drift that is reported, in milliseconds. */
const driftLimit = 100;

export class GateWatch {
  readonly #options: GateWatchOptions;
  readonly #timer: number;
  readonly #onAwake = () => {
    if (document.visibilityState === 'visible') this.#awake();
  };
  /** Whether there is a connection, and whether its hello has arrived. */
  #watching = false;
  #greeted = false;
  #ahead = 0;
  /** By the monotonic clock, like the times below. */
  #heardAt = 0;
  #deadline = 0;
  #lookedAt = performance.now();
  #lookedDate = Date.now();
  /** When the last ping was sent, and the same by the wall clock; the latter is null once it is answered. */
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

  /** Starts to monitor a new connection. */
  start(): void {
    this.#watching = true;
    this.#greeted = false;
    this.#pingedDate = null;
    this.#deadline = performance.now() + silenceLimit;
  }

  /** The hello has arrived. @param ahead the gate's clock minus this machine's, estimated. */
  greeted(ahead: number): void {
    this.#greeted = true;
    this.#ahead = ahead;
    this.#ping();
  }

  /** A message has arrived. @param at the gate's clock for a pong; otherwise null. */
  heard(at: number | null): void {
    this.#heardAt = performance.now();
    this.#deadline = this.#heardAt + silenceLimit;
    const asked = this.#pingedDate;
    if (at === null || asked === null) return;
    this.#pingedDate = null;
    const now = Date.now();
    const took = now - asked;
    // A slow answer, or one that waited while the page was suspended, is useless for the clock.
    if (took < 0 || took > 1_000) return;
    const ahead = at - (asked + now) / 2;
    if (Math.abs(ahead - this.#ahead) < Math.max(driftLimit, took)) return;
    this.#ahead = ahead;
    this.#options.corrected(ahead);
  }

  /** The time of the last message, by the gate's clock. */
  get lastHeardAt(): number {
    const age = performance.now() - this.#heardAt;
    const now = Date.now() + this.#ahead;
    // The close event counts as a message, but a suspended page receives it only when it resumes.
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
    // While the machine sleeps, the monotonic clock may stand still.
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
      // Messages that arrived meanwhile may still be unread.
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
