import {
  type Configuration,
  deadlineOf,
  longestDelay,
  type ObservedArrow,
  type StepRecord,
  type WireMessage,
} from '../../../machines/index.js';
import type { Overheard } from '../overheard.js';
import type { ServerTimeouts } from './options.js';
import type { SeenArrow } from './result.js';
import type { BrokenFrame } from './said.js';
import type { Stalls } from './stalls.js';
import type { TesterSession } from './tester-session.js';

/** Arrows of one session that are kept. Of a flood the first are, and the newest. */
const mostSeen = 500;

/** What is said and heard on one connection, when, and how well this process could tell. All times are milliseconds since the connect. */
export class Conversation {
  readonly seen: SeenArrow[] = [];
  readonly #heard: Overheard;
  readonly #timeouts: ServerTimeouts;
  readonly #margin: number;
  readonly #stalls: Stalls;
  readonly #session: TesterSession;
  #firstErrorAt: number | null = null;
  #lastErrorAt: number | null = null;
  #isDoubtful = false;

  constructor(
    heard: Overheard,
    session: TesterSession,
    { timeouts, margin, stalls }: { timeouts: ServerTimeouts; margin: number; stalls: Stalls },
  ) {
    this.#heard = heard;
    this.#session = session;
    this.#timeouts = timeouts;
    this.#margin = margin;
    this.#stalls = stalls;
    this.#note(heard.said('connect'), null);
    this.#doubtIfStalled();
  }

  get elapsed(): number {
    return this.#heard.elapsed;
  }

  get framing() {
    return this.#heard.framing;
  }

  get steps(): readonly StepRecord[] {
    return this.#session.steps;
  }

  /** When EventError was said to a client that is not registered; the first one begins the rejection deadline. */
  get errors(): { readonly firstErrorAt: number | null; readonly lastErrorAt: number | null } {
    return { firstErrorAt: this.#firstErrorAt, lastErrorAt: this.#lastErrorAt };
  }

  /** Whether the moment from which the running deadline counts may have been noted late. */
  get isDoubtful(): boolean {
    return this.#isDoubtful;
  }

  say(message: WireMessage, step: number): void {
    this.#note(this.#heard.said('message', message), step);
  }

  sayFrame({ bytes, what }: BrokenFrame, step: number): void {
    this.#note(this.#heard.saidBytes(bytes, what), step);
  }

  /** The next thing that comes from the server, or null when nothing came for so many milliseconds. */
  async next(patience: number, step: number): Promise<ObservedArrow | null> {
    const seen =
      (await this.#heard.next(Math.min(patience, longestDelay))) ??
      (await this.#arrivedMeanwhile());
    if (seen) this.#note(seen, step);
    return seen;
  }

  refused(at: number): void {
    this.#lastErrorAt = at;
    if (this.#firstErrorAt !== null) return;
    this.#firstErrorAt = at;
    this.#doubtIfStalled();
  }

  /** The longest time for which this process was held up since a moment of the session. */
  stallSince(at: number): number {
    return this.#stalls.longestSince(performance.now() - (this.elapsed - at));
  }

  /** When the deadline of a configuration is over; null where none runs or it is not known. */
  deadlineIn(configuration: string): number | null {
    const { registrationTimeout, rejectionTimeout } = this.#timeouts;
    const running = deadlineOf(configuration as Configuration);
    if (running === 'registration') return registrationTimeout;
    if (running === null || rejectionTimeout === null || this.#firstErrorAt === null) return null;
    return this.#firstErrorAt + rejectionTimeout;
  }

  /** The tester hangs up. */
  end(): void {
    this.#session.end();
  }

  #doubtIfStalled(): void {
    this.#isDoubtful = this.stallSince(this.elapsed - this.#margin) > this.#margin / 2;
  }

  /** A timer that is due comes before what the sockets have: what has arrived by now is asked for once more. */
  async #arrivedMeanwhile(): Promise<ObservedArrow | null> {
    await new Promise((resolve) => setImmediate(resolve));
    return this.#heard.next(0);
  }

  #note(arrow: ObservedArrow, step: number | null): void {
    if (this.seen.length >= mostSeen) this.seen.pop();
    this.seen.push({ ...arrow, step });
    this.#session.note(arrow, arrow.kind === 'disconnect' && this.#isDue(arrow.at));
  }

  #isDue(at: number): boolean {
    const deadline = this.deadlineIn(this.#session.configuration);
    return deadline !== null && Math.abs(at - deadline) <= this.#margin;
  }
}
