/** What became of a session, in words that are the same in the terminal, on the page and in JSON. */
import { type Configuration, deadlineOf } from './configurations.js';
import type { FigureId } from './registration.js';
import { type DisconnectReason, disconnectReasons } from './seat.js';
import type { SeatName, StepRecord } from './step.js';

/** The verdicts, each with its words. */
export const verdicts = {
  open: 'still open',
  registered: 'registered',
  refused: 'refused',
  'spoke-first': 'spoke before registering',
  'refused-then-spoke': 'refused, then spoke',
  'spoke-then-refused': 'spoke before registering, then refused',
  silent: 'silent until the deadline',
  left: 'left without asking',
  'closed-before-answer': 'closed before the answer',
  'never-answered': 'never answered',
  'bad-frame': 'sent what is no message',
  'not-connected': 'never connected',
} as const;
export type SessionVerdict = keyof typeof verdicts;

/** A session as a line of a list. Made from its step records, one after the other. */
export interface SessionSummary {
  readonly session: string;
  readonly seat: SeatName;
  readonly state: Configuration;
  readonly verdict: SessionVerdict;
  /** The documented figure it is an instance of so far, or null where no figure shows it. */
  readonly figure: FigureId | null;
  /** As asked for with the last RequestRegisterClient; null when it never asked. */
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
  /** The running deadline: which, and when it runs out, in milliseconds since Connected. */
  readonly deadline: { readonly kind: 'registration' | 'rejection'; readonly at: number } | null;
  /** Why it ended, or null while it goes on. */
  readonly reason: DisconnectReason | null;
  /** The last EventError before the registration. */
  readonly error: { readonly code: number | null; readonly text: string } | null;
  /** EventErrors before the registration. */
  readonly errors: number;
  /** seq of the last step. */
  readonly steps: number;
  /** What was said before the registration: `refused` a registration, `spoke` anything else, in order, no more than two. */
  readonly story: readonly ('refused' | 'spoke')[];
}

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);
const number = (value: unknown): number | null => (typeof value === 'number' ? value : null);

/**
 * The summary after one more step.
 * @param before the summary so far; null for the first step.
 */
export function summarize(before: SessionSummary | null, step: StepRecord): SessionSummary {
  const asked =
    step.name === 'RequestRegisterClient' && step.from !== 'registered' ? step.payload : null;
  const refusal =
    step.name === 'EventError' && step.from !== 'registered' && step.from !== 'connecting'
      ? step.payload
      : null;
  const answered = refusal === null ? null : storyOf(step.from);
  const story = before?.story ?? [];
  const deadlineKind = deadlineOf(step.to);
  const next = {
    session: step.session,
    seat: step.seat,
    state: step.to,
    clientName: asked ? text(asked.clientName) : (before?.clientName ?? null),
    clientType: asked ? text(asked.clientType) : (before?.clientType ?? null),
    mediaType: asked ? text(asked.mediaType) : (before?.mediaType ?? null),
    proxyClientId: asked ? number(asked.proxyClientId) : (before?.proxyClientId ?? null),
    startedAt: before?.startedAt ?? step.at,
    lastAt: step.at,
    elapsed: step.elapsed,
    registeredAfter: before?.registeredAfter ?? (step.to === 'registered' ? step.elapsed : null),
    deadline:
      deadlineKind !== null && step.deadline !== null
        ? { kind: deadlineKind, at: step.elapsed + step.deadline }
        : null,
    reason: step.reason ?? before?.reason ?? null,
    error: refusal
      ? { code: number(refusal.errorCode), text: text(refusal.errorDescription) ?? '' }
      : (before?.error ?? null),
    errors: (before?.errors ?? 0) + (refusal ? 1 : 0),
    steps: step.seq,
    story:
      answered !== null && story.length < 2 && story.at(-1) !== answered
        ? [...story, answered]
        : story,
  } as const;
  const verdict = verdictOf(next, step.to === 'disconnected' ? step.from : null);
  return { ...next, verdict, figure: figureOf(verdict) };
}

/** Which version of an unsuccessful registration an EventError belongs to; null for one that answers nothing. */
function storyOf(from: Configuration): 'refused' | 'spoke' | null {
  if (from.startsWith('validating')) return 'refused';
  return from.startsWith('refusing') ? 'spoke' : null;
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
  if (lastState?.startsWith('validating')) {
    return reason === 'reply-timeout' || reason === 'registration-timeout'
      ? 'never-answered'
      : 'closed-before-answer';
  }
  return reason === 'registration-timeout' ? 'silent' : 'left';
}

function figureOf(verdict: SessionVerdict): FigureId | null {
  switch (verdict) {
    case 'registered':
      return '1';
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

/** A session's verdict as one sentence, with the server's words and how it ended. */
export function verdictSentence(summary: SessionSummary): string {
  const { verdict, error, reason, registeredAfter, elapsed } = summary;
  const parts = [
    verdict === 'registered' && registeredAfter !== null
      ? `registered after ${duration(registeredAfter)}`
      : verdicts[verdict],
  ];
  if (error && verdict !== 'registered') {
    parts.push(
      `the server said: ${error.text}${error.code === null ? '' : ` (error ${error.code})`}`,
    );
  }
  if (reason) parts.push(`ended after ${duration(elapsed)}: ${disconnectReasons[reason]}`);
  return `${parts.join('; ')}.`;
}

/** A duration for people: `12 ms`, `3.4 s`, `2 min 5 s`, `3.2 h`. */
export function duration(milliseconds: number): string {
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1_000).toFixed(1)} s`;
  if (milliseconds < 3_600_000) {
    const seconds = Math.round(milliseconds / 1_000);
    return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  }
  return `${(milliseconds / 3_600_000).toFixed(1)} h`;
}
