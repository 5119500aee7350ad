import { deadlineOf } from '../configurations.js';
import { referenceIdOf, type WireMessage } from '../messages.js';
import { redactMessage } from '../redaction.js';
import type { DisconnectReason, RegistrationEvent, SeatDelays } from '../seat.js';
import { Session, type StepRecord } from '../step.js';
import { TableRunner } from '../table-runner.js';
import { advanceSummary, emptySummary, type RunningSummary } from '../verdict.js';
import { duration } from '../words.js';
import type { Observed, ObservedEvent, Place } from './events.js';
import type { FindingCode } from './findings.js';
import type { FindingMark, Inference, MissingReason, ObservedMarks } from './marks.js';
import type { ObservedSession } from './observed-session.js';
import { keyOf } from './peers.js';
import { RecordedTime } from './recorded-time.js';
import { ReferenceIds } from './reference-ids.js';

export type Said = Extract<ObservedEvent, { type: 'said' }>;
export type Disconnection = Extract<ObservedEvent, { type: 'disconnected' }>;

/** What the connections of one log share. */
export interface ConnectionHost {
  /** The server's deadlines; `never` where they are not known. */
  readonly delays: SeatDelays;
  readonly knows: { readonly registration: boolean; readonly rejection: boolean };
  /** Milliseconds. */
  readonly tolerance: number;
  readonly onStep: ((step: StepRecord) => void) | undefined;
  onFinding(code: FindingCode, sentence: string, event: Observed, of: ObservedConnection): void;
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
  readonly #asked = new ReferenceIds();
  #held: Said[] = [];
  #inferred: Inference[] | null = null;
  #findings = 0;
  #first: Place | null;
  #last: Place | null;
  /** Of the step under way. */
  #event: Observed | null = null;
  #marked: FindingMark[] | null = null;
  #newMissing: MissingReason | null = null;
  #spokeAt = 0;
  /** When the client said what the server owes an answer to. */
  #owedAt = 0;
  #hasAsked = false;
  #answeredAfter: number | null = null;
  #firstErrorAt: number | null = null;
  #saidRegistered = false;
  #registrationDeadline: number | null = null;
  #rejectionDeadline: number | null = null;

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
    const runner = new TableRunner({
      seat: { actions: {}, delays: host.delays },
      clock: this.#time,
    });
    const { onStep } = host;
    this.#session = new Session(runner, {
      session: id,
      seat: 'observer',
      delays: host.delays,
      time: this.#time,
      // Nobody sees a payload that is not told.
      redact: onStep ? redactMessage : asItIs,
      marks: () => this.#marks(),
      onStep: (step) => {
        advanceSummary(this.#summary, step);
        onStep?.(step);
      },
    });
    runner.start();
  }

  /** What tells its peer apart from every other. */
  get key(): string {
    return this.proxy === null ? this.label : keyOf({ label: this.label, proxy: this.proxy });
  }

  /** When its client spoke first, wall clock; 0 before. */
  get spokeAt(): number {
    return this.#spokeAt;
  }

  get configuration(): Session['configuration'] {
    return this.#session.configuration;
  }

  /** The client's name as it asked with it, else what the log calls it. */
  get client(): string {
    return this.#summary.clientName ?? this.names[0] ?? this.label;
  }

  /** Whether it began before the log did, so that nobody knows where it is. */
  get isUnknown(): boolean {
    return this.configuration === 'connecting';
  }

  get isRegistered(): boolean {
    return this.configuration === 'registered';
  }

  /** Whether an answer to this reference id is owed to it. */
  hasAskedWith(referenceId: number | null): boolean {
    return referenceId !== null && this.#asked.has(referenceId);
  }

  /** Whether something of it was concluded. */
  isInferred(inference: Inference): boolean {
    return this.#inferred?.includes(inference) ?? false;
  }

  connected(event: Observed): void {
    this.#step({ type: 'Connected' }, event);
  }

  said(event: Said): void {
    const isOwed = this.#isOwed;
    if (event.by === 'client' && isOwed && !event.recorded && this.#held.length < mostHeld) {
      // A server that reads on while it owes an answer answers in order, as the chart does; this one's turn comes then.
      this.#foundAbsence(
        'request-before-answer',
        `${this.client} says ${event.message.messageName} before the server has answered`,
        event,
      );
      this.#held.push(event);
      return;
    }
    this.#say(event);
    while (this.#held.length > 0 && !this.#isOwed) this.#say(this.#held.shift() as Said);
  }

  /** The log says that the client is registered. */
  registered(event: Observed): void {
    this.#last = event.place ?? this.#last;
    if (this.#session.configuration.startsWith('validating')) this.#saidRegistered = true;
    else if (!this.isRegistered && !this.isUnknown && this.#missing === null) {
      this.#found(
        'registered-without-request',
        `the log says that ${this.client} is registered, and it never asked`,
        event,
      );
      // Messages are not in this log, so that their absence proves nothing.
      this.miss('gap', []);
    }
  }

  disconnected(event: Disconnection): void {
    for (const held of this.#held.splice(0)) this.#say(held);
    this.#unanswered(event);
    this.#overrun(event);
    const reason = this.#reasonOf(event);
    if (reason === 'registration-timeout' || reason === 'rejection-timeout') {
      this.#expire(event);
    } else this.#step({ type: 'Disconnected', reason }, event);
    this.#compare(event);
  }

  /** Something may be missing of it from here on. */
  miss(reason: MissingReason, inferred: readonly Inference[]): void {
    for (const inference of inferred) this.infer(inference);
    if (this.isRegistered || this.#missing !== null) return;
    this.#newMissing = reason;
    this.#summary.missing = reason;
  }

  infer(inference: Inference): void {
    if (!this.#inferred) this.#inferred = [inference];
    else if (!this.#inferred.includes(inference)) this.#inferred.push(inference);
  }

  /** It did not end in the log: because the log is over, or because it must have ended without a line that says so. */
  leave(isOver: boolean, at: Observed): void {
    for (const held of this.#held.splice(0)) this.#say(held);
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
      answeredAfter: this.#answeredAfter,
      registrationDeadline: this.#registrationDeadline,
      rejectionDeadline: this.#rejectionDeadline,
      findings: this.#findings,
      inferred: this.#inferred ?? nothing,
      first: this.#first,
      last: this.#last,
    };
  }

  /** Something the chart has no answer to. */
  #found(code: FindingCode, sentence: string, event: Observed): void {
    this.#findings += 1;
    if (this.#marked) this.#marked.push({ code, sentence });
    else this.#marked = [{ code, sentence }];
    this.#host.onFinding(code, sentence, event, this);
  }

  /** Something that is amiss only because something is not there: that proves nothing where a part of the log is missing. */
  #foundAbsence(code: FindingCode, sentence: string, event: Observed): void {
    if (this.#missing === null) this.#found(code, sentence, event);
  }

  get #missing(): MissingReason | null {
    return this.#summary.missing;
  }

  get #isOwed(): boolean {
    const { configuration } = this.#session;
    return configuration.startsWith('validating') || configuration.startsWith('refusing');
  }

  #say(event: Said): void {
    const { by, message } = event;
    if (by === 'client') this.#hear(message, event.at);
    else this.#answer(message, event);
    this.#step(inputOf(by, message), event);
    this.#compare(event);
  }

  #hear(message: WireMessage, at: number): void {
    this.#asked.add(referenceIdOf(message));
    if (this.#spokeAt === 0) this.#spokeAt = at;
    if (this.isRegistered || this.#isOwed) return;
    this.#owedAt = at;
    if (message.messageName === 'RequestRegisterClient') this.#hasAsked = true;
  }

  /** What an answer of the server's is, before the chart takes it. */
  #answer(message: WireMessage, event: Said): void {
    const { messageName } = message;
    const id = referenceIdOf(message);
    const isAsked = this.#asked.take(id);
    const isAnswer = messageName === 'EventAck' || messageName === 'EventError';
    const { configuration } = this.#session;
    const words = id === null ? messageName : `${messageName} with reference id ${id}`;
    if (configuration === 'connecting') return;
    if (configuration === 'registered') {
      if (isAnswer && id !== null && !isAsked && this.#asked.isComplete) {
        this.#foundAbsence(
          'answer-without-request',
          `the server says ${words} to ${this.client}, which asked nothing with it`,
          event,
        );
      }
      return;
    }
    if (!isAnswer) {
      this.#found(
        'event-to-unregistered',
        `the server says ${messageName} to ${this.client}, which is not registered`,
        event,
      );
      return;
    }
    if (!this.#isOwed) {
      // The chart lets a server say unasked why it is about to close.
      if (messageName === 'EventAck' || id !== null) {
        this.#foundAbsence(
          'answer-without-request',
          `the server says ${words} to ${this.client}, which waits for no answer`,
          event,
        );
      }
    } else {
      if (id !== null && !isAsked && this.#asked.last !== null) {
        this.#found(
          'wrong-reference-id',
          `the server says ${words} to ${this.client}, which asked with ${this.#asked.last}`,
          event,
        );
      }
      if (messageName === 'EventAck' && configuration.startsWith('refusing')) {
        this.#found(
          'acknowledged-unregistered',
          `the server acknowledges a message of ${this.client}, which is not registered`,
          event,
        );
      } else this.#answered(event, configuration.startsWith('validating'));
    }
    if (messageName === 'EventError') this.#firstErrorAt ??= event.at;
  }

  #answered(event: Said, isRegistration: boolean): void {
    if (isRegistration || !this.#hasAsked) {
      if (isRegistration || this.#answeredAfter === null)
        this.#answeredAfter = Math.max(0, event.at - this.#owedAt);
    }
    if (event.message.messageName === 'EventError') this.#withoutAnswer(event);
    this.#saidRegistered = false;
    if (event.message.messageName === 'EventAck') this.#overrun(event);
  }

  /** The log said registered, and the client was not told so. */
  #withoutAnswer(event: Observed): void {
    if (!this.#saidRegistered) return;
    this.#saidRegistered = false;
    this.#foundAbsence(
      'registered-without-answer',
      `the log says that ${this.client} is registered, and no EventAck says so to it`,
      event,
    );
  }

  #unanswered(event: Observed): void {
    const { configuration } = this.#session;
    const after = duration(Math.max(0, event.at - this.#owedAt));
    this.#withoutAnswer(event);
    if (configuration.startsWith('validating')) {
      this.#foundAbsence(
        'registration-unanswered',
        `${this.client} asked to register and was not answered in the ${after} until it was gone`,
        event,
      );
    } else if (configuration.startsWith('refusing')) {
      this.#foundAbsence(
        'request-unanswered',
        `${this.client}, which is not registered, spoke and was not answered in the ${after} until it was gone`,
        event,
      );
    }
  }

  /** Where the deadlines are known: whether it has stayed longer. */
  #overrun(event: Observed): void {
    const kind = deadlineOf(this.#session.configuration);
    if (kind === null || !this.#host.knows[kind]) return;
    const { delays, tolerance } = this.#host;
    const timeout = kind === 'registration' ? delays.registrationTimeout : delays.rejectionTimeout;
    const over = event.at - this.#deadlineSince(kind) - timeout;
    if (over <= tolerance) return;
    this.#found(
      'deadline-overrun',
      `${this.client} stayed ${duration(over)} longer than the ${kind} deadline of ${duration(timeout)}`,
      event,
    );
  }

  #deadlineSince(kind: 'registration' | 'rejection'): number {
    return kind === 'registration' ? this.since : (this.#firstErrorAt ?? this.since);
  }

  #reasonOf({ by, reason, at }: Disconnection): DisconnectReason {
    const kind = deadlineOf(this.#session.configuration);
    if (reason !== undefined) {
      const isTimeout = reason === 'registration-timeout' || reason === 'rejection-timeout';
      // One that does not run cannot have run out.
      return isTimeout && reason !== `${kind}-timeout` ? 'server-closed' : reason;
    }
    if (by !== 'server') return 'peer-closed';
    if (kind === null) return 'server-closed';
    const { delays, knows, tolerance } = this.#host;
    if (!knows[kind]) {
      this.infer('deadline');
      return `${kind}-timeout`;
    }
    const timeout = kind === 'registration' ? delays.registrationTimeout : delays.rejectionTimeout;
    const isDue = at - this.#deadlineSince(kind) >= timeout - tolerance;
    return isDue ? `${kind}-timeout` : 'server-closed';
  }

  #expire(event: Disconnection): void {
    const kind = deadlineOf(this.#session.configuration);
    const stayed = kind === null ? 0 : Math.max(0, event.at - this.#deadlineSince(kind));
    if (kind === 'registration') this.#registrationDeadline = stayed;
    if (kind === 'rejection') this.#rejectionDeadline = stayed;
    const isConcluded = event.reason === undefined && kind !== null && !this.#host.knows[kind];
    const inferred: Inference[] = isConcluded ? ['deadline'] : [];
    this.#begin(
      isConcluded ? { ...event, inferred: [...(event.inferred ?? []), ...inferred] } : event,
    );
    this.#time.runOut();
    this.#event = null;
  }

  #step(input: RegistrationEvent, event: Observed): void {
    this.#begin(event);
    this.#session.send(input);
    this.#event = null;
  }

  #begin(event: Observed): void {
    if (event.place) {
      this.#first ??= event.place;
      this.#last = event.place;
    }
    if (event.inferred) for (const inference of event.inferred) this.infer(inference);
    this.#time.moveTo(event.at);
    this.#event = event;
  }

  #marks(): ObservedMarks {
    const marks = {
      file: this.#event?.place?.file ?? null,
      line: this.#event?.place?.line ?? null,
      inferred: this.#event?.inferred ?? nothing,
      missing: this.#newMissing,
      findings: this.#marked ?? nothing,
    };
    this.#newMissing = null;
    this.#marked = null;
    return marks;
  }

  /** A recording says itself where the session is. */
  #compare(event: Said | Disconnection): void {
    const { recorded } = event;
    const to = this.#session.configuration;
    if (!recorded || recorded.to === to || this.isUnknown || this.#missing !== null) return;
    this.#found(
      'recording-differs',
      `the recording says that ${this.client} is in ${recorded.to} after this, the chart says ${to}`,
      event,
    );
  }
}

const asItIs = (message: WireMessage) => message;

function inputOf(by: 'client' | 'server', message: WireMessage): RegistrationEvent {
  const { messageName } = message;
  if (by === 'client') {
    const type = messageName === 'RequestRegisterClient' ? messageName : 'OtherMessage';
    return { type, message };
  }
  const isAnswer = messageName === 'EventAck' || messageName === 'EventError';
  return { type: isAnswer ? messageName : 'OtherEvent', message };
}
