/** Connections that show which timer ends the connection of an unregistered client. */
import type { ObservedArrow } from '../../../machines/registration/figures/observed.js';
import type {
  ErrorMoments,
  ServerTimeouts,
} from '../../../machines/registration/sut/timer-policy.js';
import {
  latestDisconnect,
  type TimerSample,
} from '../../../machines/registration/sut/timer-policy-fit.js';
import { longestDelay } from '../../../machines/text/clock.js';
import { type ServerConnection, withServerConnection } from '../server-connection.js';
import type { FigureTarget } from '../target.js';
import type { MeasuredTimeout } from './measure.js';
import type { PlayCaseOptions } from './options.js';
import type { StallMonitor } from './stall-monitor.js';
import { messageFor } from './test-frames.js';

/** A client that sends messages without registering, and then waits for the disconnect. */
export interface PolicyPlay {
  /** What the client does, in words. */
  readonly description: string;
  /** Milliseconds before each message, since the connect or the EventError before it. */
  readonly pauses: readonly number[];
}

/** The outcome of one play. */
export type PolicyOutcome =
  | {
      readonly kind: 'disconnected';
      readonly sample: TimerSample;
      /** Milliseconds since the connect. */
      readonly errorsAt: readonly number[];
      /** Whether this process may have noted a moment late. */
      readonly isDoubtful: boolean;
    }
  /** The server had not disconnected by then, in milliseconds since the connect. */
  | { readonly kind: 'open'; readonly until: number; readonly errorsAt: readonly number[] }
  /** The server did not answer a message with EventError, so that no rejection deadline started. */
  | { readonly kind: 'not-refused'; readonly errorsAt: readonly number[] };

export const silentPlay: PolicyPlay = { description: 'nothing sent', pauses: [] };
export const refusedPlay: PolicyPlay = { description: 'a message at once', pauses: [0] };

/** The plays that tell the policies of a server apart. They need the rejection timeout. */
export function policyPlays({
  registrationTimeout: registration,
  rejectionTimeout: rejection,
}: ServerTimeouts): PolicyPlay[] {
  if (rejection === null) return [];
  const again = 0.6 * rejection;
  const plays = [
    refusedPlay,
    { description: `again after ${rounded(again)} ms`, pauses: [0, again] },
    { description: `and once more after ${rounded(again)} ms`, pauses: [0, again, again] },
  ];
  if (registration === null) return plays;
  // A pause near the difference of the timeouts would let both deadlines expire together: the first one avoids it by half a timeout.
  const pause = Math.max(0.25 * registration, registration - rejection / 2);
  const pauses = [pause, (pause > registration / 2 ? 0.25 : 0.75) * registration];
  const late = pauses.map((one) => ({
    description: `a message after ${rounded(one)} ms`,
    pauses: [one],
  }));
  return [silentPlay, ...plays, ...late];
}

/** The outcome of a play that was measured; null when it shows nothing. */
export function outcomeOfMeasured({ milliseconds, seen }: MeasuredTimeout): PolicyOutcome | null {
  const end = seen.find(({ kind }) => kind === 'disconnect');
  if (milliseconds === null || !end) return null;
  const errorsAt = seen.filter(isError).map(({ at }) => at);
  const sample = { ...momentsOf(errorsAt), disconnectedAt: end.at };
  return { kind: 'disconnected', sample, errorsAt, isDoubtful: false };
}

/** How the plays are played. All durations are in milliseconds. */
export interface PolicyPlayOptions extends PlayCaseOptions {
  readonly timeouts: ServerTimeouts;
  readonly margin: number;
}

/** @throws {NotReachableError} when there is no connection; the signal's reason when it aborts. */
export async function playForPolicy(
  { pauses }: PolicyPlay,
  target: FigureTarget,
  options: PolicyPlayOptions,
  stallMonitor: StallMonitor,
): Promise<PolicyOutcome> {
  return await withServerConnection(target, options, (connection) =>
    new PolicySession(connection, options, stallMonitor).run(pauses),
  );
}

class PolicySession {
  readonly #connection: ServerConnection;
  readonly #options: PolicyPlayOptions;
  readonly #stallMonitor: StallMonitor;
  readonly #errorsAt: number[] = [];
  #disconnectedAt: number | null = null;
  #isBroken = false;
  #isDoubtful = false;

  constructor(
    connection: ServerConnection,
    options: PolicyPlayOptions,
    stallMonitor: StallMonitor,
  ) {
    this.#connection = connection;
    this.#options = options;
    this.#stallMonitor = stallMonitor;
    this.#doubtIfStalled();
  }

  async run(pauses: readonly number[]): Promise<PolicyOutcome> {
    const { responseTimeout = 2_000, timeouts, margin } = this.#options;
    for (const [index, pause] of pauses.entries()) {
      await this.#until((this.#errorsAt.at(-1) ?? 0) + pause);
      if (this.#isOver) break;
      this.#connection.send('message', messageFor('other', index + 1));
      const errors = this.#errorsAt.length;
      const answered = () => this.#errorsAt.length > errors;
      await this.#until(this.#connection.elapsed + responseTimeout, answered);
      if (!this.#isOver && !answered()) return this.#notRefused;
    }
    const errorsAt = this.#errorsAt;
    const latest = latestDisconnect(momentsOf(errorsAt), timeouts) ?? 0;
    await this.#until(latest + 2 * margin);
    if (this.#isBroken) return this.#notRefused;
    if (this.#disconnectedAt === null)
      return { kind: 'open', until: this.#connection.elapsed, errorsAt };
    const sample = { ...momentsOf(errorsAt), disconnectedAt: this.#disconnectedAt };
    return { kind: 'disconnected', sample, errorsAt, isDoubtful: this.#isDoubtful };
  }

  get #isOver(): boolean {
    return this.#disconnectedAt !== null || this.#isBroken;
  }

  get #notRefused(): PolicyOutcome {
    return { kind: 'not-refused', errorsAt: this.#errorsAt };
  }

  /** Notes what comes until a moment, the end of the connection, or an arrow that completes the wait. */
  async #until(end: number, isComplete = () => false): Promise<void> {
    while (!this.#isOver && !isComplete()) {
      const left = end - this.#connection.elapsed;
      const arrow = await this.#connection.next(Math.min(left, longestDelay));
      this.#options.signal?.throwIfAborted();
      if (arrow) this.#note(arrow);
      else if (left <= 1) return;
    }
  }

  #note(arrow: ObservedArrow): void {
    this.#doubtIfStalled();
    if (isError(arrow)) this.#errorsAt.push(arrow.at);
    else if (arrow.kind === 'disconnect') this.#disconnectedAt = arrow.at;
    else if (arrow.kind === 'fault' || arrow.message?.messageName === 'EventAck')
      this.#isBroken = true;
  }

  #doubtIfStalled(): void {
    const { margin } = this.#options;
    const stall = this.#stallMonitor.longestSince(performance.now() - margin);
    if (stall > margin / 2) this.#isDoubtful = true;
  }
}

function isError({ kind, message }: ObservedArrow): boolean {
  return kind === 'message' && message?.messageName === 'EventError';
}

function momentsOf(errorsAt: readonly number[]): ErrorMoments {
  const [firstErrorAt = null] = errorsAt;
  return { firstErrorAt, lastErrorAt: errorsAt.at(-1) ?? null };
}

function rounded(milliseconds: number): string {
  return String(Math.round(milliseconds));
}
