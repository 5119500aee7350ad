/** The verdicts on sessions, with the same words in the terminal, on the page and in JSON. */

import { duration, ownText } from '../../text/format.js';
import { type Configuration, deadlineOf } from '../chart/configurations.js';
import type { WireMessage } from '../chart/messages.js';
import type { FigureId } from '../chart/registration.js';
import { type DisconnectReason, disconnectReasons } from '../chart/seat.js';
import { type MissingReason, missingReasons } from '../observer/marks.js';
import type { SeatName, StepRecord } from './step.js';

/** The verdicts, each with its words. */
export const verdicts = {
  open: 'still open',
  registered: 'registered',
  refused: 'refused (2a)',
  'spoke-first': 'spoke before registering (2b)',
  'refused-then-spoke': 'refused, then spoke (2c)',
  'spoke-then-refused': 'spoke before registering, then refused',
  silent: 'silent until the deadline',
  left: 'closed before asking',
  'closed-before-answer': 'closed before the answer',
  'never-answered': 'never answered',
  'bad-frame': 'sent what is no message',
  'not-connected': 'never connected',
  undecided: 'not decidable',
} as const;
export type SessionVerdict = keyof typeof verdicts;

/** The summary of a session for lists, made from its step records in order of seq. */
export interface SessionSummary {
  readonly session: string;
  readonly seat: SeatName;
  readonly state: Configuration;
  readonly verdict: SessionVerdict;
  /**
   * The documented figure to compare the session with: the one that shows its verdict. Null where none does: an open or silent session,
   * or one that was refused and then registered. Its end may still differ from the figure.
   */
  readonly figure: FigureId | null;
  /** From the last RequestRegisterClient, cut to 255 characters; null without one. */
  readonly clientName: string | null;
  readonly clientType: string | null;
  readonly mediaType: string | null;
  readonly proxyClientId: number | null;
  /** Wall clock of the first step, milliseconds since 1970. */
  readonly startedAt: number;
  /** Wall clock of the last step. */
  readonly lastAt: number;
  /** Milliseconds since Connected at the last step, by a clock that never jumps. */
  readonly elapsed: number;
  /** Milliseconds since Connected at which it was registered, or null. */
  readonly registeredAfter: number | null;
  /** The running deadline and when it expires, in milliseconds since Connected. */
  readonly deadline: { readonly kind: 'registration' | 'rejection'; readonly at: number } | null;
  /** The reason of its end; null while it is open. */
  readonly reason: DisconnectReason | null;
  /** The server's last EventError before the registration, its text cut to 500 characters. */
  readonly error: { readonly code: number | null; readonly text: string } | null;
  /** EventErrors before the registration. */
  readonly errors: number;
  /** seq of the last step. */
  readonly steps: number;
  /** What the server refused before the registration: `refused` for a registration, `spoke` for another message; each once, in order. */
  readonly story: readonly ('refused' | 'spoke')[];
  /**
   * The reason why steps before its registration may be missing; null when none are, as in sessions not read from a log. The absence
   * of a message then proves nothing.
   */
  readonly missing: MissingReason | null;
  /** The client's name in the log, cut to 255 characters; undefined for a session that is not read from a log. */
  readonly logName?: string | undefined;
}

const longestName = 255;
const longestText = 500;

function text(value: unknown, most = longestName): string | null {
  if (typeof value !== 'string') return null;
  return ownText(value.length <= most ? value : `${value.slice(0, most)}…`);
}

const number = (value: unknown): number | null => (typeof value === 'number' ? value : null);

/** A summary that is updated in place, for holders of many sessions. */
export type RunningSummary = { -readonly [Key in keyof SessionSummary]: SessionSummary[Key] };

/**
 * The summary after one more step.
 * @param before the summary so far; null for the first step.
 */
export function summarize(before: SessionSummary | null, step: StepRecord): SessionSummary {
  if (before === null) return startSummary(step);
  const next = { ...before };
  advanceSummary(next, step);
  return next;
}

/**
 * The summary of a session without steps.
 * @param at wall clock, milliseconds since 1970.
 */
export function emptySummary(session: string, seat: SeatName, at: number): RunningSummary {
  return {
    session,
    seat,
    state: 'connecting',
    verdict: 'open',
    figure: null,
    clientName: null,
    clientType: null,
    mediaType: null,
    proxyClientId: null,
    startedAt: at,
    lastAt: at,
    elapsed: 0,
    registeredAfter: null,
    deadline: null,
    reason: null,
    error: null,
    errors: 0,
    steps: 0,
    story: [],
    missing: null,
  };
}

/** The summary after the first step. */
export function startSummary(step: StepRecord): RunningSummary {
  const summary = emptySummary(step.session, step.seat, step.at);
  summary.state = step.from;
  advanceSummary(summary, step);
  return summary;
}

/** Updates a summary with the next step of its session. */
export function advanceSummary(summary: RunningSummary, step: StepRecord): void {
  summary.state = step.to;
  summary.lastAt = step.at;
  summary.elapsed = step.elapsed;
  summary.steps = step.seq;
  if (step.reason !== null) summary.reason = step.reason;
  const logName = text(step.observed?.client);
  if (logName !== null) summary.logName = logName;
  // Steps after the registration do not change the verdict.
  if (step.from === 'registered' && summary.registeredAfter !== null) return;
  summary.missing ??= step.observed?.missing ?? null;
  if (step.payload !== null && step.from !== 'connecting') hear(summary, step, step.payload);
  if (step.to === 'registered') summary.registeredAfter ??= step.elapsed;
  const kind = deadlineOf(step.to);
  if (kind === null || step.deadline === null) summary.deadline = null;
  else if (summary.deadline?.kind !== kind) {
    summary.deadline = { kind, at: step.elapsed + step.deadline };
  }
  summary.verdict = decided(summary, step.to === 'disconnected' ? step.from : null);
  summary.figure = figureOf(summary.verdict, summary.errors);
}

/** Updates a summary with a message before the registration. */
function hear(summary: RunningSummary, step: StepRecord, message: WireMessage): void {
  // A client may send a message named EventError: it counts as any other message.
  if (!isServers(step)) {
    if (step.name !== 'RequestRegisterClient') return;
    summary.clientName = text(message.clientName);
    summary.clientType = text(message.clientType);
    summary.mediaType = text(message.mediaType);
    summary.proxyClientId = number(message.proxyClientId);
  } else if (step.name === 'EventError') {
    summary.error = {
      code: number(message.errorCode),
      text: text(message.errorDescription, longestText) ?? '',
    };
    summary.errors += 1;
    const answered = storyOf(step.from);
    if (answered !== null && !summary.story.includes(answered)) {
      summary.story = [...summary.story, answered];
    }
  }
}

/** Whether the server sent the message: servers and observers receive the client's messages, clients and testers the server's. */
function isServers({ direction, seat }: StepRecord): boolean {
  return direction === (seat === 'client' || seat === 'tester' ? 'in' : 'out');
}

/** The version of the unsuccessful registration that an EventError belongs to; null for an unsolicited one. */
function storyOf(from: Configuration): 'refused' | 'spoke' | null {
  if (from.startsWith('validating')) return 'refused';
  return from.startsWith('refusing') ? 'spoke' : null;
}

/** Verdicts that follow only from the absence of a message. */
const absences: ReadonlySet<SessionVerdict> = new Set([
  'silent',
  'left',
  'closed-before-answer',
  'never-answered',
  'not-connected',
]);

function decided(summary: RunningSummary, lastState: Configuration | null): SessionVerdict {
  const verdict = verdictOf(summary, lastState);
  const { missing } = summary;
  if (missing === null) return verdict;
  const isAbsence = absences.has(verdict) || (verdict === 'open' && missing === 'beginning');
  return isAbsence ? 'undecided' : verdict;
}

function verdictOf(
  session: Omit<SessionSummary, 'verdict' | 'figure'>,
  lastState: Configuration | null,
): SessionVerdict {
  const { registeredAfter, story, reason } = session;
  if (registeredAfter !== null) return 'registered';
  if (reason === 'protocol-error') return 'bad-frame';
  if (story.length === 2)
    return story[0] === 'refused' ? 'refused-then-spoke' : 'spoke-then-refused';
  if (story[0] === 'refused') return 'refused';
  if (story[0] === 'spoke') return 'spoke-first';
  if (reason === null) return 'open';
  if (lastState === 'connecting') return 'not-connected';
  const ranOut = reason === 'registration-timeout' || reason === 'rejection-timeout';
  if (lastState?.startsWith('validating')) {
    return ranOut || reason === 'reply-timeout' ? 'never-answered' : 'closed-before-answer';
  }
  // The server owed an EventError and did not send it.
  if (lastState?.startsWith('refusing')) return 'spoke-first';
  return ranOut ? 'silent' : 'left';
}

function figureOf(verdict: SessionVerdict, errors: number): FigureId | null {
  switch (verdict) {
    case 'registered':
      return errors === 0 ? '1' : null;
    case 'refused':
      return '2a';
    case 'spoke-first':
      return '2b';
    case 'refused-then-spoke':
      return '2c';
    default:
      return null;
  }
}

/** A session's verdict in words, e.g. `refused (2a)`, `not decidable, because the log begins in the middle of it`. */
export function verdictWords({
  verdict,
  missing,
}: Pick<SessionSummary, 'verdict' | 'missing'>): string {
  const why =
    verdict === 'undecided' && missing !== null ? `, because ${missingReasons[missing]}` : '';
  return `${verdicts[verdict]}${why}`;
}

/** A session's verdict as one sentence, with the server's error text and the end. */
export function verdictSentence(summary: SessionSummary): string {
  const { verdict, error, reason, registeredAfter, elapsed } = summary;
  const parts = [
    verdict === 'registered' && registeredAfter !== null
      ? `registered after ${duration(registeredAfter)}`
      : verdictWords(summary),
  ];
  if (error && verdict !== 'registered') {
    const code = error.code === null ? '' : ` (error ${error.code})`;
    parts.push(`the server said: ${error.text || 'nothing'}${code}`);
  }
  if (reason) parts.push(`ended after ${duration(elapsed)}: ${disconnectReasons[reason]}`);
  return `${parts.join('; ')}.`;
}
