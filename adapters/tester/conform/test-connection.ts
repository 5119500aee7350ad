import type { WireMessage } from '../../../machines/registration/chart/messages.js';
import type { ObservedArrow } from '../../../machines/registration/figures/observed.js';
import type { StepRecord } from '../../../machines/registration/session/step.js';
import {
  type Deadline,
  deadlineUnder,
  type ErrorMoments,
  type ServerTimeouts,
  type TimerPolicy,
} from '../../../machines/registration/sut/timer-policy.js';
import { longestDelay } from '../../../machines/text/clock.js';
import type { ServerConnection } from '../server-connection.js';
import type { SeenArrow } from './result.js';
import type { StallMonitor } from './stall-monitor.js';
import type { InvalidFrame } from './test-frames.js';
import type { TesterSession } from './tester-session.js';

/** Number of arrows that are kept of one session. Of a flood these are the first ones and the latest one. */
const maxSeen = 500;

/** What the tester knows of the clocks. All durations are in milliseconds. */
export interface ClockSettings {
  readonly timeouts: ServerTimeouts;
  readonly timerPolicy: TimerPolicy;
  readonly margin: number;
  readonly stallMonitor: StallMonitor;
}

/**
 * One connection of a case: what was sent and received, when, and whether this process could time it. All times are milliseconds
 * since the connect.
 */
export class TestConnection {
  readonly seen: SeenArrow[] = [];
  readonly #connection: ServerConnection;
  readonly #timeouts: ServerTimeouts;
  readonly #timerPolicy: TimerPolicy;
  readonly #margin: number;
  readonly #stallMonitor: StallMonitor;
  readonly #session: TesterSession;
  #firstErrorAt: number | null = null;
  #lastErrorAt: number | null = null;
  #isDoubtful = false;

  constructor(
    connection: ServerConnection,
    session: TesterSession,
    { timeouts, timerPolicy, margin, stallMonitor }: ClockSettings,
  ) {
    this.#connection = connection;
    this.#session = session;
    this.#timeouts = timeouts;
    this.#timerPolicy = timerPolicy;
    this.#margin = margin;
    this.#stallMonitor = stallMonitor;
    this.#note(connection.send('connect'), null);
    this.#doubtIfStalled();
  }

  get elapsed(): number {
    return this.#connection.elapsed;
  }

  get framing() {
    return this.#connection.framing;
  }

  get steps(): readonly StepRecord[] {
    return this.#session.steps;
  }

  /** When an unregistered client received EventError. */
  get errors(): ErrorMoments {
    return { firstErrorAt: this.#firstErrorAt, lastErrorAt: this.#lastErrorAt };
  }

  /** Whether this process may have noted the start of the running deadline late. */
  get isDoubtful(): boolean {
    return this.#isDoubtful;
  }

  send(message: WireMessage, step: number): void {
    this.#note(this.#connection.send('message', message), step);
  }

  sendFrame({ bytes, description }: InvalidFrame, step: number): void {
    this.#note(this.#connection.sendBytes(bytes, description), step);
  }

  /** The next arrow of the server, or null after a timeout in milliseconds. */
  async next(timeout: number, step: number): Promise<ObservedArrow | null> {
    const seen =
      (await this.#connection.next(Math.min(timeout, longestDelay))) ??
      (await this.#arrivedMeanwhile());
    if (seen) this.#note(seen, step);
    return seen;
  }

  /** Records when an unregistered client received EventError. */
  recordError(at: number): void {
    this.#lastErrorAt = at;
    const isFirst = this.#firstErrorAt === null;
    this.#firstErrorAt ??= at;
    if (isFirst || this.#timerPolicy.laterErrors === 'restarts') this.#doubtIfStalled();
  }

  /** The longest stall of this process since a moment of the session, in milliseconds. */
  stallSince(at: number): number {
    return this.#stallMonitor.longestSince(performance.now() - (this.elapsed - at));
  }

  /** The deadline that ends the connection in a configuration; null when none runs. */
  deadlineIn(configuration: string): Deadline | null {
    return deadlineUnder(this.#timerPolicy, configuration, this.errors, this.#timeouts);
  }

  /** The tester disconnects. */
  end(): void {
    this.#session.end();
  }

  #doubtIfStalled(): void {
    this.#isDoubtful = this.stallSince(this.elapsed - this.#margin) > this.#margin / 2;
  }

  /** Due timers run before socket events: this checks once more for what has arrived by now. */
  async #arrivedMeanwhile(): Promise<ObservedArrow | null> {
    await new Promise((resolve) => setImmediate(resolve));
    return this.#connection.next(0);
  }

  #note(arrow: ObservedArrow, step: number | null): void {
    if (this.seen.length >= maxSeen) this.seen.pop();
    this.seen.push({ ...arrow, step });
    this.#session.note(arrow, arrow.kind === 'disconnect' && this.#isDue(arrow.at));
  }

  #isDue(at: number): boolean {
    const due = this.deadlineIn(this.#session.configuration)?.at ?? null;
    return due !== null && Math.abs(at - due) <= this.#margin;
  }
}
