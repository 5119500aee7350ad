/**
 * The step record: what happened, one record a step, made here and read by everything else. Order is by `seq`, never by
 * time.
 */
import type { SnapshotFrom } from 'xstate';
import { type Configuration, configurationOf, deadlineOf } from './configurations.js';
import { transitionsTaken } from './edges.js';
import { referenceIdOf, type WireMessage } from './messages.js';
import type { ObservedMarks } from './observer/marks.js';
import { redactMessage } from './redaction.js';
import type { registrationMachine } from './registration.js';
import { type DisconnectReason, never, type RegistrationEvent, type SeatDelays } from './seat.js';

export type SeatName = 'server' | 'client' | 'observer' | 'tester';

export interface StepRecord {
  /** 1, 2, 3 ... within the session. */
  readonly seq: number;
  readonly session: string;
  readonly seat: SeatName;
  /** Wall clock, milliseconds since 1970. */
  readonly at: number;
  /** Milliseconds since Connected by a clock that never jumps; 0 before it. */
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

export interface SessionOptions {
  /** Names the session in its records. */
  readonly session: string;
  readonly seat: SeatName;
  readonly delays: SeatDelays;
  readonly onStep?: ((step: StepRecord) => void) | undefined;
  /** An action threw: the chart has stopped, no deadline runs any more, and the seat must end the connection. */
  readonly onFault?: (error: unknown) => void;
  /** @default systemTime */
  readonly time?: TimeSource;
  /** Makes a message fit to be shown. @default redactMessage */
  readonly redact?: (message: WireMessage) => WireMessage;
  /** What an observer adds to the step that is being made. */
  readonly marks?: () => ObservedMarks;
}

/** Where a registration chart is. */
export type RegistrationSnapshot = Pick<
  SnapshotFrom<typeof registrationMachine>,
  'value' | 'context'
>;

/** What a session needs of whatever runs its chart: an XState actor has it, and the table runner. */
export interface RegistrationActor {
  getSnapshot(): RegistrationSnapshot;
  subscribe(observer: {
    next?(snapshot: RegistrationSnapshot): void;
    error?(error: unknown): void;
  }): unknown;
  send(event: RegistrationEvent): void;
  start(): unknown;
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

/** The messages a server seat reads from the wire are the client's, and the other way round. */
const saidByClient: ReadonlySet<string> = new Set(['RequestRegisterClient', 'OtherMessage']);

/**
 * One run of the chart: the only door through which a seat's events reach the actor, and the place where step records
 * are made. Events sent from within an action wait until the step under way is recorded.
 */
export class Session {
  readonly id: string;
  readonly #actor: RegistrationActor;
  readonly #options: SessionOptions;
  readonly #time: TimeSource;
  readonly #waiting: RegistrationEvent[] = [];
  #current: RegistrationEvent | null = null;
  #configuration: Configuration;
  #seq = 0;
  #connectedAt: number | null = null;
  #deadlineAt: number | null = null;

  /** @param actor a registration actor, started or about to be; nothing may be sent to it before it is. */
  constructor(actor: RegistrationActor, options: SessionOptions) {
    this.id = options.session;
    this.#actor = actor;
    this.#options = options;
    this.#time = options.time ?? systemTime;
    this.#configuration = configurationOf(actor.getSnapshot());
    actor.subscribe({
      next: (snapshot) => this.#stepped(configurationOf(snapshot), snapshot.context.reason),
      error: (error) => options.onFault?.(error),
    });
  }

  get configuration(): Configuration {
    return this.#configuration;
  }

  /** Milliseconds until the running deadline, or null when none runs (or another seat keeps it). */
  get deadline(): number | null {
    return this.#deadlineAt === null
      ? null
      : Math.max(0, this.#deadlineAt - this.#time.monotonic());
  }

  /** Milliseconds since Connected; 0 before it. */
  get elapsed(): number {
    return this.#connectedAt === null ? 0 : this.#time.monotonic() - this.#connectedAt;
  }

  /** Sends an event to the chart. After `disconnected` events are ignored. */
  send(event: RegistrationEvent): void {
    this.#waiting.push(event);
    if (this.#current !== null) return;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      if (this.#configuration === 'disconnected') continue;
      this.#current = next;
      try {
        this.#actor.send(next);
      } finally {
        this.#current = null;
      }
    }
  }

  #stepped(to: Configuration, reason: DisconnectReason | null): void {
    const from = this.#configuration;
    const event = this.#current;
    if (event === null && from === to) return;
    this.#configuration = to;
    const now = this.#time.monotonic();
    if (event?.type === 'Connected' && from === 'connecting') this.#connectedAt = now;
    this.#moveDeadline(from, to, now);
    const { onStep } = this.#options;
    if (!onStep) return;
    onStep(this.#record(event, from, to, reason, now));
  }

  #moveDeadline(from: Configuration, to: Configuration, now: number): void {
    const running = deadlineOf(to);
    if (running === deadlineOf(from)) return;
    const { registrationTimeout, rejectionTimeout } = this.#options.delays;
    const length =
      running === null
        ? never
        : running === 'registration'
          ? registrationTimeout
          : rejectionTimeout;
    this.#deadlineAt = length === never ? null : now + length;
  }

  #record(
    event: RegistrationEvent | null,
    from: Configuration,
    to: Configuration,
    reason: DisconnectReason | null,
    now: number,
  ): StepRecord {
    const { session, seat, redact = redactMessage, marks } = this.#options;
    const cause =
      event?.type ??
      (deadlineOf(from) === 'rejection' ? 'rejectionTimeout' : 'registrationTimeout');
    const message = event !== null && 'message' in event ? event.message : undefined;
    const spoken = event !== null && event.type !== 'Connected' && event.type !== 'Disconnected';
    this.#seq += 1;
    return {
      seq: this.#seq,
      session,
      seat,
      at: this.#time.wall(),
      elapsed: this.#connectedAt === null ? 0 : now - this.#connectedAt,
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
      deadline: this.#deadlineAt === null ? null : Math.max(0, this.#deadlineAt - now),
      reason: to === 'disconnected' ? reason : null,
      payload: message ? redact(message) : null,
      ...(marks && { observed: marks() }),
    };
  }
}
