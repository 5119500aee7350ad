/**
 * The step record: one record for each step of a session, made here and read by all other parts. The order is by `seq`, never by
 * time.
 */
import { never } from '../../text/clock.js';
import type { RegistrationActor, RegistrationSnapshot } from '../chart/actor.js';
import { type Configuration, configurationOf, deadlineOf } from '../chart/configurations.js';
import { referenceIdOf, type WireMessage } from '../chart/messages.js';
import type { DisconnectReason, RegistrationEvent, SeatDelays } from '../chart/seat.js';
import { transitionIds } from '../chart/transition-ids.js';
import type { ObservedMarks } from './marks.js';
import { redactMessage } from './redaction.js';

export type SeatName = 'server' | 'client' | 'observer' | 'tester';

export interface StepRecord {
  /** 1, 2, 3 ... within the session. */
  readonly seq: number;
  readonly session: string;
  /** The session of the proxy whose connection carries this client; missing for a client with its own connection. */
  readonly carrier?: string | undefined;
  readonly seat: SeatName;
  /** Wall clock, milliseconds since 1970. */
  readonly at: number;
  /** Milliseconds since Connected by a clock that never jumps, to the microsecond; 0 before it. */
  readonly elapsed: number;
  readonly kind: 'message' | 'timer' | 'lifecycle';
  /** From the seat's view; null when no message was sent. */
  readonly direction: 'in' | 'out' | null;
  /** The name of the message, of the event for a lifecycle step, of the delay for a timer. */
  readonly name: string;
  readonly referenceId: number | null;
  readonly from: Configuration;
  readonly to: Configuration;
  /** Ids of the transitions taken (see `Edge`): one, or one a region. */
  readonly transition: readonly string[];
  /** Milliseconds left until the running deadline after this step, or null when none runs. */
  readonly deadline: number | null;
  /** Why the session ended, on its last step. */
  readonly reason: DisconnectReason | null;
  /** The message, redacted. */
  readonly payload: WireMessage | null;
  /** The fencing number of the client's name, on the step that registers a session whose name has a cap in a cluster. */
  readonly epoch?: number | undefined;
  /** The marks of an observer that reads a log. */
  readonly observed?: ObservedMarks | undefined;
}

/** A source of times, real or simulated. */
export interface TimeSource {
  /** Wall clock, milliseconds since 1970. */
  wall(): number;
  /** A clock that never jumps, milliseconds from any origin. */
  monotonic(): number;
}

export const systemTime: TimeSource = {
  wall: () => Date.now(),
  monotonic: () => performance.now(),
};

/** Callbacks and settings of a session; retained for the session's lifetime. Many sessions may share one object. */
export interface SessionOptions {
  /** Names the session in its records. */
  readonly session: string;
  readonly seat: SeatName;
  /** The session of the proxy whose connection carries this client. */
  readonly carrier?: string | null | undefined;
  readonly delays: SeatDelays;
  /** Called with each step after the chart has taken it. */
  onStep?(step: StepRecord): void;
  /**
   * Whether step records are needed now. While false, steps are numbered but no records are made.
   * @default true where there is an `onStep`
   */
  isRead?(): boolean;
  /** Called after each step of the chart, before `onStep`, also when no records are made. */
  onMoved?(from: Configuration, to: Configuration): void;
  /** Called when an action threw: the chart has stopped, no deadline runs, and the seat must end the connection. */
  onFault?(error: unknown): void;
  /** @default systemTime */
  readonly time?: TimeSource | undefined;
  /** Masks the secrets of a message. @default redactMessage */
  redact?(message: WireMessage): WireMessage;
  /** The marks that an observer adds to the current step. */
  marks?(): ObservedMarks;
}

/** Rounds milliseconds to microseconds: clocks are not more precise, and recordings stay short. */
function toMicroseconds(milliseconds: number): number {
  return Math.round(milliseconds * 1_000) / 1_000;
}

/** The events of a client's messages. A server reads them (`in`); a client or tester sends them (`out`). */
const saidByClient: ReadonlySet<string> = new Set(['RequestRegisterClient', 'OtherMessage']);

/**
 * One run of the chart. All events of a seat reach the actor through it, and it makes the step records.
 * Events that an action sends wait until the current step is recorded.
 */
export class Session {
  readonly #options: SessionOptions;
  readonly #actor: RegistrationActor;
  /** Events sent during a step; null while there are none. */
  #waiting: RegistrationEvent[] | null = null;
  #current: RegistrationEvent | null = null;
  #configuration: Configuration;
  #seq = 0;
  #connectedAt: number | null = null;
  #deadlineAt: number | null = null;

  /** @param actor a registration actor. It must be started before the first event is sent. */
  constructor(actor: RegistrationActor, options: SessionOptions) {
    this.#actor = actor;
    this.#options = options;
    this.#configuration = configurationOf(actor.getSnapshot());
    actor.subscribe(this);
  }

  get id(): string {
    return this.#options.session;
  }

  get configuration(): Configuration {
    return this.#configuration;
  }

  /** Milliseconds until the running deadline, or null when none runs (or another seat keeps it). */
  get deadline(): number | null {
    return this.#deadlineAt === null ? null : Math.max(0, this.#deadlineAt - this.#now);
  }

  /** Milliseconds since Connected; 0 before it. */
  get elapsed(): number {
    return this.#connectedAt === null ? 0 : this.#now - this.#connectedAt;
  }

  /** Sends an event to the chart. After `disconnected` events are ignored. */
  send(event: RegistrationEvent): void {
    if (this.#current !== null) {
      this.#waiting ??= [];
      this.#waiting.push(event);
      return;
    }
    this.#take(event);
    while (this.#waiting !== null) {
      const next = this.#waiting.shift();
      if (this.#waiting.length === 0) this.#waiting = null;
      if (next) this.#take(next);
    }
  }

  /** @internal */
  next(snapshot: RegistrationSnapshot): void {
    this.#stepped(configurationOf(snapshot), snapshot.context.reason);
  }

  /** @internal */
  error(error: unknown): void {
    this.#options.onFault?.(error);
  }

  get #now(): number {
    return (this.#options.time ?? systemTime).monotonic();
  }

  #take(event: RegistrationEvent): void {
    if (this.#configuration === 'disconnected') return;
    this.#current = event;
    try {
      this.#actor.send(event);
    } finally {
      this.#current = null;
    }
  }

  #stepped(to: Configuration, reason: DisconnectReason | null): void {
    const from = this.#configuration;
    const event = this.#current;
    if (event === null && from === to) return;
    this.#configuration = to;
    this.#seq += 1;
    const options = this.#options;
    const isRead = options.onStep !== undefined && (options.isRead?.() ?? true);
    const begins = from === 'connecting' && event?.type === 'Connected';
    const moves = deadlineOf(to) !== deadlineOf(from);
    // Reading the clock is costly: a connection that only connects and disconnects reads it once.
    const now = begins || isRead || (moves && to !== 'registered') ? this.#now : 0;
    if (begins) this.#connectedAt = now;
    if (moves) this.#deadlineAt = this.#deadlineFrom(to, now);
    options.onMoved?.(from, to);
    if (isRead) options.onStep?.(this.#record(event, from, to, reason, now));
  }

  /** When the deadline expires that starts in a configuration; null without a deadline. */
  #deadlineFrom(to: Configuration, now: number): number | null {
    const running = deadlineOf(to);
    if (running === null) return null;
    const { registrationTimeout, rejectionTimeout } = this.#options.delays;
    const length = running === 'registration' ? registrationTimeout : rejectionTimeout;
    return length === never ? null : now + length;
  }

  #record(
    event: RegistrationEvent | null,
    from: Configuration,
    to: Configuration,
    reason: DisconnectReason | null,
    now: number,
  ): StepRecord {
    const options = this.#options;
    const { session, seat, carrier } = options;
    const cause =
      event?.type ??
      (deadlineOf(from) === 'rejection' ? 'rejectionTimeout' : 'registrationTimeout');
    const message = event !== null && 'message' in event ? event.message : undefined;
    const spoken = event !== null && event.type !== 'Connected' && event.type !== 'Disconnected';
    return {
      seq: this.#seq,
      session,
      ...(carrier != null && { carrier }),
      seat,
      at: (options.time ?? systemTime).wall(),
      elapsed: this.#connectedAt === null ? 0 : toMicroseconds(now - this.#connectedAt),
      kind: spoken ? 'message' : event === null ? 'timer' : 'lifecycle',
      direction: spoken
        ? saidByClient.has(cause) === (seat === 'client' || seat === 'tester')
          ? 'out'
          : 'in'
        : null,
      name: message?.messageName ?? cause,
      referenceId: referenceIdOf(message),
      from,
      to,
      transition: transitionIds(from, cause),
      deadline:
        this.#deadlineAt === null ? null : toMicroseconds(Math.max(0, this.#deadlineAt - now)),
      reason: to === 'disconnected' ? reason : null,
      payload: message ? (options.redact?.(message) ?? redactMessage(message)) : null,
      ...(options.marks && { observed: options.marks() }),
    };
  }
}
