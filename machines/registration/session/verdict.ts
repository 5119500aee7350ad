/** The verdict on a session, in the same words in the terminal, on the page and in JSON. */

import { duration, ownText } from '../../text/format.js';
import { type Configuration, deadlineOf } from '../chart/configurations.js';
import type { WireMessage } from '../chart/messages.js';
import type { FigureId } from '../chart/registration.js';
import { type DisconnectReason, disconnectWords } from '../chart/seat.js';
import { type MissingReason, missingReasons } from './marks.js';
import type { SeatName, StepRecord } from './step.js';

/** The verdicts, each with its words. */
export const verdicts = {
  open: 'waiting to register',
  registered: 'registered',
  refused: 'refused (2a)',
  'spoke-first': 'sent a message before registering (2b)',
  'refused-then-spoke': 'refused, then sent a message (2c)',
  'spoke-then-refused': 'sent a message before registering, then refused',
  silent: 'never registered (timed out)',
  left: 'closed before asking',
  'closed-before-answer': 'closed before the answer',
  'never-answered': 'never answered',
  'bad-frame': 'sent invalid data',
  'not-connected': 'never connected',
  undecided: 'unclear: the log is incomplete',
} as const;
export type SessionVerdict = keyof typeof verdicts;

/** A session as one line of a list, computed from its step records in order of seq. */
export interface SessionSummary {
  readonly session: string;
  /** The session of the proxy whose connection carries this client; missing for a client with its own connection. */
  readonly carrier?: string | undefined;
  readonly seat: SeatName;
  readonly state: Configuration;
  readonly verdict: SessionVerdict;
  /**
   * The documented figure that shows this verdict; null when no figure shows it, e.g. for an open session, or for a client that was
   * refused and registered later. The end of the session may still differ from the figure.
   */
  readonly figure: FigureId | null;
  /** The name in the last RequestRegisterClient, cut to 255 characters; null before the first one. */
  readonly clientName: string | null;
  readonly clientType: string | null;
  readonly mediaType: string | null;
  readonly proxyClientId: number | null;
  /** Wall clock of the first step, milliseconds since 1970. */
  readonly startedAt: number;
  /** Wall clock of the last step. */
  readonly lastAt: number;
  /** Milliseconds from Connected to the last step, by a monotonic clock. */
  readonly elapsed: number;
  /** Milliseconds from Connected to the registration, or null. */
  readonly registeredAfter: number | null;
  /** The running deadline, and when it expires, in milliseconds since Connected. */
  readonly deadline: { readonly kind: 'registration' | 'rejection'; readonly at: number } | null;
  /** Why the session ended; null while it is open. */
  readonly reason: DisconnectReason | null;
  /** The server's last EventError before the registration, its text cut to 500 characters. */
  readonly error: { readonly code: number | null; readonly text: string } | null;
  /** EventErrors before the registration. */
  readonly errors: number;
  /** seq of the last step. */
  readonly steps: number;
  /** What the server refused before the registration: `refused` a registration, `spoke` any other message; each once, in order. */
  readonly story: readonly ('refused' | 'spoke')[];
  /**
   * Why messages before the registration may be missing; null when none are, as in every session that does not come from a log. If they
   * may be, the absence of a message proves nothing.
   */
  readonly missing: MissingReason | null;
  /** The client's name in the log, cut to 255 characters; missing for a session that does not come from a log. */
  readonly logName?: string | undefined;
  /** The gate that has the session, by its name in the cluster; missing without one. */
  readonly node?: string | undefined;
  /** The fencing number of the client's name; missing where it has none. */
  readonly epoch?: number | undefined;
}

const longestName = 255;
const longestText = 500;

function text(value: unknown, most = longestName): string | null {
  if (typeof value !== 'string') return null;
  return ownText(value.length <= most ? value : `${value.slice(0, most)}…`);
}

const number = (value: unknown): number | null => (typeof value === 'number' ? value : null);

/** A summary that is updated in place, for callers that hold many sessions. */
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
  if (step.carrier !== undefined) summary.carrier = step.carrier;
  summary.state = step.from;
  advanceSummary(summary, step);
  return summary;
}

/** Updates a summary with the session's next step. */
export function advanceSummary(summary: RunningSummary, step: StepRecord): void {
  summary.state = step.to;
  summary.lastAt = step.at;
  summary.elapsed = step.elapsed;
  summary.steps = step.seq;
  if (step.reason !== null) summary.reason = step.reason;
  if (step.epoch !== undefined) summary.epoch = step.epoch;
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

/** Takes in a message from before the registration. */
function hear(summary: RunningSummary, step: StepRecord, message: WireMessage): void {
  // An EventError that an unregistered client sends counts as any other message.
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

/** Whether the server sent it: servers and observers receive the client's messages, clients and testers the server's. */
function isServers({ direction, seat }: StepRecord): boolean {
  return direction === (seat === 'client' || seat === 'tester' ? 'in' : 'out');
}

/** What an EventError refuses; null when it answers no request. */
function storyOf(from: Configuration): 'refused' | 'spoke' | null {
  if (from.startsWith('validating')) return 'refused';
  return from.startsWith('refusing') ? 'spoke' : null;
}

/** Verdicts that follow from the absence of a message. */
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
  // An EventError was pending, and the server did not send it.
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

/** A session's verdict in words, e.g. `refused (2a)` or `unclear: the log is incomplete (a line is masked)`. */
export function verdictWords({
  verdict,
  missing,
}: Pick<SessionSummary, 'verdict' | 'missing'>): string {
  const why = verdict === 'undecided' && missing !== null ? ` (${missingReasons[missing]})` : '';
  return `${verdicts[verdict]}${why}`;
}

/** A session's verdict as one sentence, with the server's error text and how the session ended. */
export function verdictSentence(summary: SessionSummary): string {
  const { verdict, error, reason, registeredAfter, elapsed, seat } = summary;
  const parts = [
    verdict === 'registered' && registeredAfter !== null
      ? `registered after ${duration(registeredAfter)}`
      : verdictWords(summary),
  ];
  if (error && verdict !== 'registered') {
    const code = error.code === null ? '' : ` (error ${error.code})`;
    parts.push(`the server reported: ${error.text || 'no text'}${code}`);
  }
  if (reason) parts.push(`ended after ${duration(elapsed)}: ${disconnectWords(reason, seat)}`);
  return `${parts.join('; ')}.`;
}
