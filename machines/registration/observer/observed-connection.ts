import { type Configuration, deadlineOf } from '../chart/configurations.js';
import { eventOfMessage } from '../chart/message-events.js';
import type { WireMessage } from '../chart/messages.js';
import type { DisconnectReason, RegistrationEvent } from '../chart/seat.js';
import type { FindingMark, Inference, MissingReason, ObservedMarks } from '../session/marks.js';
import type { Redact } from '../session/redaction.js';
import { RegistrationRunner } from '../session/registration-runner.js';
import { Session, type StepRecord } from '../session/step.js';
import { advanceSummary, emptySummary, type RunningSummary } from '../session/verdict.js';
import { type Disconnection, keyOf, type Observed, type Place, type Said } from './events.js';
import type { DeadlineKind, KnownDeadlines } from './known-deadlines.js';
import type { ObservedSession } from './observed-session.js';
import { RecordedTime } from './recorded-time.js';
import {
  awaitsVerdict,
  type FindingCandidate,
  owesAnswer,
  RequestTracker,
} from './request-tracker.js';

/** The part that all connections of one log share. */
export interface ConnectionHost {
  readonly deadlines: KnownDeadlines;
  readonly onStep: ((step: StepRecord) => void) | undefined;
  readonly redact: Redact;
  onFinding(found: FindingMark, event: Observed, of: ObservedConnection): void;
}

/** Maximum number of messages that wait until the server has answered the one before. */
const mostHeld = 100;
const none: readonly never[] = [];

/** One connection of a log, replayed on the chart. */
export class ObservedConnection {
  readonly id: string;
  /** Its name in the log when it began. Two connections that were confused exchange their labels. */
  label: string;
  readonly proxy: string | null;
  /** Other names that the log uses for it. */
  readonly names: string[] = [];
  /** Wall clock of the connect. */
  readonly since: number;
  readonly #host: ConnectionHost;
  readonly #time = new RecordedTime();
  readonly #session: Session;
  readonly #summary: RunningSummary;
  readonly #requests = new RequestTracker();
  readonly #held: Said[] = [];
  readonly #first: Place | null;
  #last: Place | null;
  #inferred: Inference[] | null = null;
  #findings = 0;
  /** See `Peer.name`. */
  givenName: string | null = null;
  /** The name in the last marks. */
  #markedName: string | null = null;
  /** Steps of a registered client without a record, because no listener reads them. */
  #unrecorded = 0;
  #registrationDeadline: number | null = null;
  #rejectionDeadline: number | null = null;
  /** The event of the current step, and its marks. */
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
    const runner = new RegistrationRunner({ seat: { actions: {}, delays }, clock: this.#time });
    this.#session = new Session(runner, {
      session: id,
      seat: 'observer',
      delays,
      time: this.#time,
      // Without a listener no payload leaves this class.
      redact: onStep ? redact : asItIs,
      marks: () => this.#marks(),
      onStep: (step) => {
        advanceSummary(this.#summary, step);
        this.#summary.steps += this.#unrecorded;
        onStep?.(step);
      },
    });
    runner.start();
  }

  /** Identifies its peer. */
  get key(): string {
    return this.proxy === null ? this.label : keyOf({ label: this.label, proxy: this.proxy });
  }

  get configuration(): Configuration {
    return this.#session.configuration;
  }

  /** The name in the client's RequestRegisterClient, otherwise its name in the log. */
  get client(): string {
    return this.#summary.clientName ?? this.#logName;
  }

  get #logName(): string {
    return this.givenName ?? this.names[0] ?? this.label;
  }

  /** Wall clock of the client's first message; 0 before. */
  get firstMessageAt(): number {
    return this.#requests.firstMessageAt;
  }

  /** Whether it began before the log did, so that its state is unknown. */
  get isUnknown(): boolean {
    return this.configuration === 'connecting';
  }

  get isRegistered(): boolean {
    return this.configuration === 'registered';
  }

  /** Whether the client waits for an answer with this reference id. */
  awaitsAnswer(referenceId: number | null): boolean {
    return this.#requests.awaitsAnswer(referenceId);
  }

  /** Whether this was inferred. */
  isInferred(inference: Inference): boolean {
    return this.#inferred?.includes(inference) ?? false;
  }

  /** @param concluded what was inferred in addition to the event. */
  connected(event: Observed, concluded: Inference | null): void {
    this.#step({ type: 'Connected' }, event, concluded);
  }

  /** @param concluded as in `connected`. */
  said(event: Said, concluded: Inference | null): void {
    const isEarly = event.by === 'client' && !event.recorded && owesAnswer(this.configuration);
    if (isEarly && this.#held.length < mostHeld) {
      // The server answers in order, as the chart does, so this message waits for its turn.
      const sentence = `${this.client} sent ${event.message.messageName} before the server answered`;
      this.#addFindings([{ code: 'request-before-answer', sentence, isAbsence: true }], event);
      this.#held.push(event);
      return;
    }
    this.#process(event, concluded);
    while (this.#held.length > 0 && !owesAnswer(this.configuration)) {
      this.#process(this.#held.shift() as Said);
    }
  }

  /** The log states that the client is registered. */
  registered(event: Observed): void {
    this.#last = event.place ?? this.#last;
    const found = this.#requests.checkRegistered(this.configuration, this.client);
    this.#addFindings(found, event);
    // This log has no messages, so their absence proves nothing.
    if (found.length > 0) this.miss('gap', none);
  }

  /** @param concluded as in `connected`. */
  disconnected(event: Disconnection, concluded: Inference | null): void {
    this.#processHeld();
    if (concluded) this.infer(concluded);
    this.#addFindings(this.#requests.checkEnd(event.at, this.configuration, this.client), event);
    this.#overrun(event);
    const reason = this.#reasonOf(event);
    if (reason === 'registration-timeout') this.#expire('registration', event);
    else if (reason === 'rejection-timeout') this.#expire('rejection', event);
    else this.#step({ type: 'Disconnected', reason }, event, concluded);
    this.#compare(event);
  }

  /** Messages may be missing from here on. */
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
   * The log has no end of this connection.
   * @param isOver whether it must have ended; otherwise it is still open at the end of the log.
   */
  leave(isOver: boolean, at: Observed): void {
    this.#processHeld();
    this.#overrun(at);
    if (!isOver) return;
    this.infer('end');
    if (this.#summary.verdict !== 'open') return;
    this.#summary.missing = 'gap';
    this.#summary.verdict = 'undecided';
  }

  /** The result. */
  result(): ObservedSession {
    return {
      summary: this.#summary,
      client: this.client,
      proxy: this.proxy,
      // The time of a request that is not in the log is unknown.
      answeredAfter: this.isInferred('request') ? null : this.#requests.answeredAfter,
      registrationDeadline: this.#registrationDeadline,
      rejectionDeadline: this.#rejectionDeadline,
      findings: this.#findings,
      inferred: this.#inferred ?? none,
      first: this.#first,
      last: this.#last,
    };
  }

  #process(event: Said, concluded: Inference | null = null): void {
    const { by, message, at } = event;
    if (by === 'client') this.#requests.recordRequest(message, at, this.configuration);
    else {
      const isLetIn = message.messageName === 'EventAck' && awaitsVerdict(this.configuration);
      this.#addFindings(
        this.#requests.checkAnswer(message, at, this.configuration, this.client),
        event,
      );
      if (isLetIn) this.#overrun(event);
    }
    if (this.isRegistered && !this.#host.onStep && !event.recorded) {
      this.#pass(event, concluded);
      return;
    }
    this.#step(eventOfMessage(by, message), event, concluded);
    this.#compare(event);
  }

  /** Messages of a registered session do not change the state of the chart. */
  #pass(event: Said, concluded: Inference | null): void {
    this.#begin(event, concluded);
    this.#event = null;
    this.#found = null;
    this.#unrecorded += 1;
    this.#summary.steps += 1;
    this.#summary.lastAt = event.at;
    this.#summary.elapsed = this.#session.elapsed;
  }

  #processHeld(): void {
    for (const held of this.#held.splice(0)) this.#process(held);
  }

  #addFindings(found: readonly FindingCandidate[], event: Observed): void {
    for (const { isAbsence, ...mark } of found) {
      if (isAbsence && this.#summary.missing !== null) continue;
      this.#findings += 1;
      this.#found ??= [];
      this.#found.push(mark);
      this.#host.onFinding(mark, event, this);
    }
  }

  /** Reports a session that lasted longer than a known deadline. */
  #overrun(event: Observed): void {
    const kind = deadlineOf(this.configuration);
    const over = kind && this.#host.deadlines.overrun(kind, this.#stayed(kind, event.at));
    if (!over) return;
    const sentence = `${this.client} ${over}`;
    this.#addFindings([{ code: 'deadline-overrun', sentence, isAbsence: false }], event);
  }

  /** Milliseconds since a deadline started. */
  #stayed(kind: DeadlineKind, at: number): number {
    const from = kind === 'registration' ? this.since : (this.#requests.firstErrorAt ?? this.since);
    return Math.max(0, at - from);
  }

  #reasonOf({ by, reason, at }: Disconnection): DisconnectReason {
    const kind = deadlineOf(this.configuration);
    if (reason !== undefined) {
      const isTimeout = reason === 'registration-timeout' || reason === 'rejection-timeout';
      // A deadline that does not run cannot expire.
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
    const { place, inferred = none } = this.#event ?? {};
    const concluded = this.#concluded;
    const client = this.#logName;
    const isNew = client !== this.#markedName;
    this.#markedName = client;
    const marks = {
      file: place?.file ?? null,
      line: place?.line ?? null,
      inferred: concluded === null ? inferred : [...inferred, concluded],
      missing: this.#newMissing,
      findings: this.#found ?? none,
      ...(isNew && { client }),
    };
    this.#newMissing = null;
    this.#found = null;
    return marks;
  }

  /** Compares with the state in a recording. */
  #compare(event: Said | Disconnection): void {
    const { recorded } = event;
    const to = this.configuration;
    if (!recorded || recorded.to === to || this.isUnknown) return;
    const sentence = `after this ${this.client} is in ${recorded.to} in the recording, but in ${to} on the chart`;
    this.#addFindings([{ code: 'recording-differs', sentence, isAbsence: true }], event);
  }
}

const asItIs = (message: WireMessage) => message;
