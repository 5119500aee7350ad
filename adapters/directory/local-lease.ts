import type { MemberClock } from './member-clock.js';

/** A moment by the monotonic and by the wall clock. */
export interface Moment {
  readonly monotonic: number;
  readonly wall: number;
}

/** A lease as its gate judges it: by two clocks, counted from when the renewal was sent. */
export class LocalLease {
  readonly #clock: MemberClock;
  /** Milliseconds. */
  readonly #length: number;
  readonly #onEnd: () => void;
  /** Null when it has ended. */
  #end: Moment | null = null;
  #timer: unknown;
  /** When the last renewal that succeeded was sent, by the monotonic clock; null when the next one is due. */
  #renewed: number | null = null;

  /** @param onEnd called when its time is over; late where the process was stopped */
  constructor(clock: MemberClock, length: number, onEnd: () => void) {
    this.#clock = clock;
    this.#length = length;
    this.#onEnd = onEnd;
  }

  /** When it ends; null when it has ended or its time is over. */
  get end(): Moment | null {
    const end = this.#end;
    const isOver = !end || this.#clock.now() >= end.monotonic || this.#clock.wall() >= end.wall;
    return isOver ? null : end;
  }

  /** Whether its time is over and `stop` was not called yet. */
  get isOverdue(): boolean {
    return this.#end !== null && this.end === null;
  }

  /** Whether a renewal should be sent: a third of the lease has passed, or the last one failed. */
  get isDue(): boolean {
    return this.#renewed === null || this.#clock.now() - this.#renewed > (this.#length * 7) / 24;
  }

  now(): Moment {
    return { monotonic: this.#clock.now(), wall: this.#clock.wall() };
  }

  /** Whether a renewal that was sent then should be followed by another. */
  isThirdPast(sent: Moment): boolean {
    return this.#clock.now() - sent.monotonic > this.#length / 3;
  }

  /** A renewal has succeeded. A tenth of the lease is kept in hand, for clocks that do not run equally fast. */
  renewed(sent: Moment): void {
    const certain = this.#length * 0.9;
    const end = { monotonic: sent.monotonic + certain, wall: sent.wall + certain };
    this.#renewed = sent.monotonic;
    this.#end = end;
    this.stopTimer();
    if (certain === Number.POSITIVE_INFINITY) return;
    const left = Math.max(0, end.monotonic - this.#clock.now());
    this.#timer = this.#clock.setTimeout(this.#onEnd, left);
  }

  /** A renewal has failed. */
  failed(): void {
    this.#renewed = null;
  }

  /** It has ended. */
  stop(): void {
    this.#end = null;
    this.stopTimer();
  }

  stopTimer(): void {
    this.#clock.clearTimeout(this.#timer);
  }
}
