import { TableRunner } from '../../engine/table/table-runner.js';
import { type Configuration, deadlineOf } from '../chart/configurations.js';
import { eventOfMessage } from '../chart/message-events.js';
import type { WireMessage } from '../chart/messages.js';
import type { DisconnectReason, RegistrationEvent } from '../chart/seat.js';
import type { Redact } from '../session/redaction.js';
import { Session, type StepRecord } from '../session/step.js';
import { advanceSummary, emptySummary, type RunningSummary } from '../session/verdict.js';
import { type Disconnection, keyOf, type Observed, type Place, type Said } from './events.js';
import type { DeadlineKind, KnownDeadlines } from './known-deadlines.js';
import type { FindingMark, Inference, MissingReason, ObservedMarks } from './marks.js';
import type { ObservedSession } from './observed-session.js';
import { RecordedTime } from './recorded-time.js';
import {
  awaitsVerdict,
  type FindingCandidate,
  owesAnswer,
  RequestTracker,
} from './request-tracker.js';

/** What the connections of one log share. */
export interface ConnectionHost {
  readonly deadlines: KnownDeadlines;
  readonly onStep: ((step: StepRecord) => void) | undefined;
  readonly redact: Redact;
  onFinding(found: FindingMark, event: Observed, of: ObservedConnection): void;
}

/** Messages that wait because the server owes an answer to the one before. */
const mostHeld = 100;
const nothing: readonly never[] = [];

/** One connection of a log, run through the chart. */
export class ObservedConnection {
  readonly id: string;
  /** What the log called it when it began. Two that were taken for each other exchange theirs. */
  label: string;
  readonly proxy: string | null;
  /** The names by which the log may call it, beside its label. */
  readonly names: string[] = [];
  /** When it connected, wall clock. */
  readonly since: number;
  readonly #host: ConnectionHost;
  readonly #time = new RecordedTime();
  readonly #session: Session;
  readonly #summary: RunningSummary;
  readonly #exchange = new RequestTracker();
  readonly #held: Said[] = [];
  readonly #first: Place | null;
  #last: Place | null;
  #inferred: Inference[] | null = null;
  #findings = 0;
  /** See `Peer.name`. */
  givenName: string | null = null;
  /** The name that the marks of its steps have. */
  #markedName: string | null = null;
  /** Steps of a registered client that were not made, because nobody reads them. */
  #untold = 0;
  #registrationDeadline: number | null = null;
  #rejectionDeadline: number | null = null;
  /** What the step under way is made of, and what is marked at it. */
  #event: Observed | null = null;
  #concluded: Inference | null = null;
  #found: FindingMark[] | null = null;
  #newMissing: MissingReason | null = null;

  constructor(
    id: string,
    label: string,
    proxy: string | null,
    begin: Observed,
    host: ConnectionHost,
  ) {
    this.id = id;
    this.label = label;
    this.proxy = proxy;
    this.since = begin.at;
    this.#host = host;
    this.#first = begin.place;
    this.#last = begin.place;
    this.#summary = emptySummary(id, 'observer', begin.at);
    const { onStep, redact } = host;
    const { delays } = host.deadlines;
    const runner = new TableRunner({ seat: { actions: {}, delays }, clock: this.#time });
    this.#session = new Session(runner, {
      session: id,
      seat: 'observer',
      delays,
      time: this.#time,
      // Nobody sees a payload that is not told.
      redact: onStep ? redact : asItIs,
      marks: () => this.#marks(),
      onStep: (step) => {
        advanceSummary(this.#summary, step);
        this.#summary.steps += this.#untold;
        onStep?.(step);
      },
    });
    runner.start();
  }

  /** What tells its peer apart from every other. */
  get key(): string {
    return this.proxy === null ? this.label : keyOf({ label: this.label, proxy: this.proxy });
  }

  get configuration(): Configuration {
    return this.#session.configuration;
  }

  /** The client's name as it asked with it, else what the log calls it. */
  get client(): string {
    return this.#summary.clientName ?? this.#logName;
  }

  get #logName(): string {
    return this.givenName ?? this.names[0] ?? this.label;
  }

  /** When its client spoke first, wall clock; 0 before. */
  get spokeAt(): number {
    return this.#exchange.spokeAt;
  }

  /** Whether it began before the log did, so that nobody knows where it is. */
  get isUnknown(): boolean {
    return this.configuration === 'connecting';
  }

  get isRegistered(): boolean {
    return this.configuration === 'registered';
  }

  /** Whether an answer with this reference id is owed to it. */
  hasAskedWith(referenceId: number | null): boolean {
    return this.#exchange.hasAskedWith(referenceId);
  }

  /** Whether that was concluded of it. */
  isInferred(inference: Inference): boolean {
    return this.#inferred?.includes(inference) ?? false;
  }

  /** @param concluded what of it is concluded beside what the event says. */
  connected(event: Observed, concluded: Inference | null): void {
    this.#step({ type: 'Connected' }, event, concluded);
  }

  /** @param concluded as in `connected`. */
  said(event: Said, concluded: Inference | null): void {
    const isEarly = event.by === 'client' && !event.recorded && owesAnswer(this.configuration);
    if (isEarly && this.#held.length < mostHeld) {
      // A server that reads on while it owes an answer answers in order, as the chart does; this one's turn comes then.
      const sentence = `${this.client} says ${event.message.messageName} before the server has answered`;
      this.#amiss([{ code: 'request-before-answer', sentence, isAbsence: true }], event);
      this.#held.push(event);
      return;
    }
    this.#say(event, concluded);
    while (this.#held.length > 0 && !owesAnswer(this.configuration)) {
      this.#say(this.#held.shift() as Said);
    }
  }

  /** The log says that the client is registered. */
  registered(event: Observed): void {
    this.#last = event.place ?? this.#last;
    const found = this.#exchange.checkRegistered(this.configuration, this.client);
    this.#amiss(found, event);
    // Messages are not in this log, so that their absence proves nothing.
    if (found.length > 0) this.miss('gap', nothing);
  }

  /** @param concluded as in `connected`. */
  disconnected(event: Disconnection, concluded: Inference | null): void {
    this.#sayHeld();
    if (concluded) this.infer(concluded);
    this.#amiss(this.#exchange.checkEnd(event.at, this.configuration, this.client), event);
    this.#overrun(event);
    const reason = this.#reasonOf(event);
    if (reason === 'registration-timeout') this.#expire('registration', event);
    else if (reason === 'rejection-timeout') this.#expire('rejection', event);
    else this.#step({ type: 'Disconnected', reason }, event, concluded);
    this.#compare(event);
  }

  /** Something may be missing of it from here on. */
  miss(reason: MissingReason, inferred: readonly Inference[]): void {
    for (const inference of inferred) this.infer(inference);
    if (this.isRegistered || this.#summary.missing !== null) return;
    this.#newMissing = reason;
    this.#summary.missing = reason;
  }

  infer(inference: Inference): void {
    if (!this.#inferred) this.#inferred = [inference];
    else if (!this.#inferred.includes(inference)) this.#inferred.push(inference);
  }

  /**
   * The log has no end of it.
   * @param isOver it must have ended; else it is open when the log is over.
   */
  leave(isOver: boolean, at: Observed): void {
    this.#sayHeld();
    this.#overrun(at);
    if (!isOver) return;
    this.infer('end');
    if (this.#summary.verdict !== 'open') return;
    this.#summary.missing = 'gap';
    this.#summary.verdict = 'undecided';
  }

  /** What became of it. */
  result(): ObservedSession {
    return {
      summary: this.#summary,
      client: this.client,
      proxy: this.proxy,
      // When it was said is not known of a request that is not in the log.
      answeredAfter: this.isInferred('request') ? null : this.#exchange.answeredAfter,
      registrationDeadline: this.#registrationDeadline,
      rejectionDeadline: this.#rejectionDeadline,
      findings: this.#findings,
      inferred: this.#inferred ?? nothing,
      first: this.#first,
      last: this.#last,
    };
  }

  #say(event: Said, concluded: Inference | null = null): void {
    const { by, message, at } = event;
    if (by === 'client') this.#exchange.recordRequest(message, at, this.configuration);
    else {
      const isLetIn = message.messageName === 'EventAck' && awaitsVerdict(this.configuration);
      this.#amiss(this.#exchange.checkAnswer(message, at, this.configuration, this.client), event);
      if (isLetIn) this.#overrun(event);
    }
    if (this.isRegistered && !this.#host.onStep && !event.recorded) {
      this.#pass(event, concluded);
      return;
    }
    this.#step(eventOfMessage(by, message), event, concluded);
    this.#compare(event);
  }

  /** The chart stays where it is, whatever a registered client and the server say to each other. */
  #pass(event: Said, concluded: Inference | null): void {
    this.#begin(event, concluded);
    this.#event = null;
    this.#found = null;
    this.#untold += 1;
    this.#summary.steps += 1;
    this.#summary.lastAt = event.at;
    this.#summary.elapsed = this.#session.elapsed;
  }

  #sayHeld(): void {
    for (const held of this.#held.splice(0)) this.#say(held);
  }

  #amiss(found: readonly FindingCandidate[], event: Observed): void {
    for (const { isAbsence, ...mark } of found) {
      if (isAbsence && this.#summary.missing !== null) continue;
      this.#findings += 1;
      this.#found ??= [];
      this.#found.push(mark);
      this.#host.onFinding(mark, event, this);
    }
  }

  /** Whether it has stayed longer than a deadline that is known. */
  #overrun(event: Observed): void {
    const kind = deadlineOf(this.configuration);
    const over = kind && this.#host.deadlines.overrun(kind, this.#stayed(kind, event.at));
    if (!over) return;
    const sentence = `${this.client} ${over}`;
    this.#amiss([{ code: 'deadline-overrun', sentence, isAbsence: false }], event);
  }

  /** Milliseconds for which a deadline has run. */
  #stayed(kind: DeadlineKind, at: number): number {
    const from = kind === 'registration' ? this.since : (this.#exchange.firstErrorAt ?? this.since);
    return Math.max(0, at - from);
  }

  #reasonOf({ by, reason, at }: Disconnection): DisconnectReason {
    const kind = deadlineOf(this.configuration);
    if (reason !== undefined) {
      const isTimeout = reason === 'registration-timeout' || reason === 'rejection-timeout';
      // One that does not run cannot have run out.
      return isTimeout && reason !== `${kind}-timeout` ? 'server-closed' : reason;
    }
    if (by !== 'server') return 'peer-closed';
    if (kind === null) return 'server-closed';
    const { deadlines } = this.#host;
    const isDue = !deadlines.knows(kind) || deadlines.isDue(kind, this.#stayed(kind, at));
    return isDue ? `${kind}-timeout` : 'server-closed';
  }

  #expire(kind: DeadlineKind, event: Disconnection): void {
    const stayed = this.#stayed(kind, event.at);
    if (kind === 'registration') this.#registrationDeadline = stayed;
    else this.#rejectionDeadline = stayed;
    const isConcluded = event.reason === undefined && !this.#host.deadlines.knows(kind);
    this.#begin(event, isConcluded ? 'deadline' : null);
    this.#time.runOut();
    this.#event = null;
  }

  #step(input: RegistrationEvent, event: Observed, concluded: Inference | null): void {
    this.#begin(event, concluded);
    this.#session.send(input);
    this.#event = null;
  }

  #begin(event: Observed, concluded: Inference | null): void {
    this.#last = event.place ?? this.#last;
    if (event.inferred) for (const inference of event.inferred) this.infer(inference);
    if (concluded) this.infer(concluded);
    this.#concluded = concluded;
    this.#time.moveTo(event.at);
    this.#event = event;
  }

  #marks(): ObservedMarks {
    const { place, inferred = nothing } = this.#event ?? {};
    const concluded = this.#concluded;
    const client = this.#logName;
    const isNew = client !== this.#markedName;
    this.#markedName = client;
    const marks = {
      file: place?.file ?? null,
      line: place?.line ?? null,
      inferred: concluded === null ? inferred : [...inferred, concluded],
      missing: this.#newMissing,
      findings: this.#found ?? nothing,
      ...(isNew && { client }),
    };
    this.#newMissing = null;
    this.#found = null;
    return marks;
  }

  /** A recording says itself where the session is. */
  #compare(event: Said | Disconnection): void {
    const { recorded } = event;
    const to = this.configuration;
    if (!recorded || recorded.to === to || this.isUnknown) return;
    const sentence = `the recording says that ${this.client} is in ${recorded.to} after this, the chart says ${to}`;
    this.#amiss([{ code: 'recording-differs', sentence, isAbsence: true }], event);
  }
}

const asItIs = (message: WireMessage) => message;
