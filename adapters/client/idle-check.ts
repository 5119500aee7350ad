import type { WireMessage } from '../../machines/registration/chart/messages.js';
import { systemClock } from '../../machines/text/clock.js';
import { afterInput } from '../runtime/after-input.js';

export interface PingTerms {
  /** Milliseconds of silence before the server is pinged. */
  readonly interval: number;
  /** Milliseconds for the answer. */
  readonly timeout: number;
  /** The request that is sent where the transport has no ping. */
  readonly message?: WireMessage | undefined;
}

export interface IdleHandlers {
  /** The server was silent for `interval`: send a ping. Not called again before `answered`, which counts as activity. */
  ask(answered: () => void): void;
  /** The server sent nothing for `timeout` after the ping. Called at most once, last. */
  gone(): void;
}

/** Detects a server that does not answer any more. It runs from its construction until `stop` or `gone`. */
export class IdleCheck {
  readonly #terms: PingTerms;
  readonly #handlers: IdleHandlers;
  #heardAt = performance.now();
  /** A ping was sent, and the server has sent nothing since. */
  #isWaiting = false;
  /** The last ping is not answered yet. The server may have sent something else since. */
  #isAsked = false;
  #isOver = false;
  #timer: unknown;

  constructor(terms: PingTerms, handlers: IdleHandlers) {
    this.#terms = terms;
    this.#handlers = handlers;
    this.#lookIn(terms.interval);
  }

  /** The server sent something. It is cheap, because it is called for each chunk. */
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
    // Set first, because the handler may stop the check.
    this.#timer = systemClock.setTimeout(() => this.#expire(), timeout);
    // A stream loses nothing, so either the pending answer still comes or the connection is dead.
    if (!this.#isAsked) this.#ask();
  }

  #ask(): void {
    this.#isAsked = true;
    this.#handlers.ask(() => {
      this.#isAsked = false;
      if (!this.#isOver) this.heard();
    });
  }

  /** After a delay of the event loop, timers run before input that has already arrived. So the input gets one turn first. */
  #expire(): void {
    afterInput(() => {
      if (!this.#isWaiting) return;
      this.stop();
      this.#handlers.gone();
    });
  }
}
