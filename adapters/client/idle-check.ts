import { systemClock, type WireMessage } from '../../machines/index.js';

export interface PingTerms {
  /** Milliseconds of silence until the server is asked for a sign of life. */
  readonly interval: number;
  /** Milliseconds it may take. */
  readonly timeout: number;
  /** What it is asked where the transport has no ping. */
  readonly message?: WireMessage | undefined;
}

export interface IdleHandlers {
  /** Nothing was heard for `interval`: ask. Not called again until `answered` is, which counts as a sign of life. */
  ask(answered: () => void): void;
  /** And nothing came for `timeout` after that. Called at most once, last. */
  gone(): void;
}

/** Notices a server that has gone without a word. Runs from when it is made until `stop` or `gone`. */
export class IdleCheck {
  readonly #terms: PingTerms;
  readonly #handlers: IdleHandlers;
  #heardAt = performance.now();
  /** A sign of life is awaited. */
  #isWaiting = false;
  /** The server owes an answer. It may have been heard since. */
  #isAsked = false;
  #isOver = false;
  #timer: unknown;

  constructor(terms: PingTerms, handlers: IdleHandlers) {
    this.#terms = terms;
    this.#handlers = handlers;
    this.#lookIn(terms.interval);
  }

  /** The server gave a sign of life. Cheap: called for every chunk of bytes. */
  heard(): void {
    this.#heardAt = performance.now();
    if (!this.#isWaiting) return;
    this.#isWaiting = false;
    systemClock.clearTimeout(this.#timer);
    this.#lookIn(this.#terms.interval);
  }

  stop(): void {
    this.#isOver = true;
    this.#isWaiting = false;
    systemClock.clearTimeout(this.#timer);
  }

  #lookIn(ms: number): void {
    this.#timer = systemClock.setTimeout(() => this.#look(), ms);
  }

  #look(): void {
    const { interval, timeout } = this.#terms;
    const left = interval - (performance.now() - this.#heardAt);
    if (left > 0) {
      this.#lookIn(left);
      return;
    }
    this.#isWaiting = true;
    // First, because the function that is called may stop the check.
    this.#timer = systemClock.setTimeout(() => this.#expire(), timeout);
    // Nothing is lost on the way: the answer that is owed is still to come, or the connection is dead.
    if (!this.#isAsked) this.#ask();
  }

  #ask(): void {
    this.#isAsked = true;
    this.#handlers.ask(() => {
      this.#isAsked = false;
      if (!this.#isOver) this.heard();
    });
  }

  /** Where the event loop was held up, timers run before what has arrived meanwhile is read: that is given one turn. */
  #expire(): void {
    setImmediate(() => {
      if (!this.#isWaiting) return;
      this.stop();
      this.#handlers.gone();
    });
  }
}
