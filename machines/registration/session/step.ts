/**
 * The step record: what happened, one record a step, made here and read by everything else. Order is by `seq`, never by
 * time.
 */
import { never } from '../../text/clock.js';
import type { RegistrationActor, RegistrationSnapshot } from '../chart/actor.js';
import { type Configuration, configurationOf, deadlineOf } from '../chart/configurations.js';
import { transitionsTaken } from '../chart/edges.js';
import { referenceIdOf, type WireMessage } from '../chart/messages.js';
import type { DisconnectReason, RegistrationEvent, SeatDelays } from '../chart/seat.js';
import type { ObservedMarks } from './marks.js';
import { redactMessage } from './redaction.js';

export type SeatName = 'server' | 'client' | 'observer' | 'tester';

export interface StepRecord {
  /** 1, 2, 3 ... within the session. */
  readonly seq: number;
  readonly session: string;
  readonly seat: SeatName;
  /** Wall clock, milliseconds since 1970. */
  readonly at: number;
  /** Milliseconds since Connected by a clock that never jumps, to the microsecond; 0 before it. */
  readonly elapsed: number;
  readonly kind: 'message' | 'timer' | 'lifecycle';
  /** Seen from the seat; null when nothing went over the wire. */
  readonly direction: 'in' | 'out' | null;
  /** The message's name on the wire, the event's for a lifecycle step, the delay's for a timer. */
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
  /** What an observer adds, who reads what others have written. */
  readonly observed?: ObservedMarks | undefined;
}

/** Where times come from; a simulated clock supplies its own. */
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

/** Whose a session is. It is kept, and asked while the session lasts: it may be an object that many sessions would share. */
export interface SessionOptions {
  /** Names the session in its records. */
  readonly session: string;
  readonly seat: SeatName;
  readonly delays: SeatDelays;
  /** Where each step goes, once it is taken. */
  onStep?(step: StepRecord): void;
  /**
   * Whether anybody reads steps now. While it is false they are numbered and not made.
   * @default true where there is an `onStep`
   */
  isRead?(): boolean;
  /** The chart has taken a step; told before `onStep` is, and whether or not anybody reads steps. */
  onMoved?(from: Configuration, to: Configuration): void;
  /** An action threw: the chart has stopped, no deadline runs any more, and the seat must end the connection. */
  onFault?(error: unknown): void;
  /** @default systemTime */
  readonly time?: TimeSource | undefined;
  /** Makes a message fit to be shown. @default redactMessage */
  redact?(message: WireMessage): WireMessage;
  /** What an observer adds to the step that is being made. */
  marks?(): ObservedMarks;
}

type Cause = Parameters<typeof transitionsTaken>[1];
const knownIds = new Map<Configuration, Map<Cause, readonly string[]>>();

/** There are few; they are looked up in the chart once. */
function transitionIds(from: Configuration, cause: Cause): readonly string[] {
  const ofConfiguration = knownIds.get(from) ?? new Map<Cause, readonly string[]>();
  knownIds.set(from, ofConfiguration);
  let ids = ofConfiguration.get(cause);
  if (!ids) {
    ids = transitionsTaken(from, cause).map((edge) => edge.id);
    ofConfiguration.set(cause, ids);
  }
  return ids;
}

/** Milliseconds, to the microsecond: no clock knows more, and no recording has to hold more. */
function toMicroseconds(milliseconds: number): number {
  return Math.round(milliseconds * 1_000) / 1_000;
}

/** The messages a server seat reads from the wire are the client's, and the other way round. */
const saidByClient: ReadonlySet<string> = new Set(['RequestRegisterClient', 'OtherMessage']);

/**
 * One run of the chart: the only door through which a seat's events reach the actor, and the place where step records
 * are made. Events sent from within an action wait until the step under way is recorded.
 */
export class Session {
  readonly #options: SessionOptions;
  readonly #actor: RegistrationActor;
  /** Events that came from within a step; null while there are none. */
  #waiting: RegistrationEvent[] | null = null;
  #current: RegistrationEvent | null = null;
  #configuration: Configuration;
  #seq = 0;
  #connectedAt: number | null = null;
  #deadlineAt: number | null = null;

  /** @param actor a registration actor, started or about to be; nothing may be sent to it before it is. */
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
    // The time is asked for where something depends on it: a connection that only comes and goes asks once.
    const now = begins || isRead || (moves && to !== 'registered') ? this.#now : 0;
    if (begins) this.#connectedAt = now;
    if (moves) this.#deadlineAt = this.#deadlineFrom(to, now);
    options.onMoved?.(from, to);
    if (isRead) options.onStep?.(this.#record(event, from, to, reason, now));
  }

  /** When the deadline of a configuration runs out that begins to run. */
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
    const { session, seat } = options;
    const cause =
      event?.type ??
      (deadlineOf(from) === 'rejection' ? 'rejectionTimeout' : 'registrationTimeout');
    const message = event !== null && 'message' in event ? event.message : undefined;
    const spoken = event !== null && event.type !== 'Connected' && event.type !== 'Disconnected';
    return {
      seq: this.#seq,
      session,
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
