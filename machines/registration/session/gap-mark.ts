/** Gap marks: records of a recording or of the feed that stand for missing steps. */
import * as v from 'valibot';
import {
  among,
  configuration,
  disconnectReason,
  finite,
  namesOf,
  notNegative,
  someText,
  wholeFromOne,
  wholeFromZero,
} from './field-schemas.js';
import { missingReasons } from './marks.js';
import type { StepRecord } from './step.js';
import { type SessionSummary, verdicts } from './verdict.js';

/** How often each transition was taken, by the ids of `StepRecord.transition`; transitions never taken are left out. */
export type TransitionCounts = Readonly<Record<string, number>>;

/** Steps `from` to `to` (seq, inclusive) of one session are missing. */
export interface SessionGap {
  readonly from: number;
  readonly to: number;
  /** How often each transition was taken in steps 1 to `to`; undefined when unknown. */
  readonly transitions?: TransitionCounts | undefined;
}

/** A gap mark of a recording: steps are missing here because the writer of the recording did not have them. */
export interface RecordingGap {
  /** 1 and up. */
  readonly line: number;
  /** Number of missing steps, 1 or more. */
  readonly steps: number;
  /** When the first missing step was due to be written: wall clock, milliseconds since 1970. */
  readonly at: number;
  /** The session and the seq of the first missing step; missing when steps of any session may be lost. */
  readonly session?: string | undefined;
  readonly from?: number | undefined;
  /** See `SessionGap`. */
  readonly transitions?: TransitionCounts | undefined;
  /** The summary of the session when the recording was written, including the missing steps. */
  readonly summary?: SessionSummary | undefined;
}

const nullableText = v.nullable(v.string('text or null'));

const summarySchema = v.object({
  session: someText,
  seat: among(['server', 'client', 'observer', 'tester']),
  state: configuration,
  verdict: namesOf(verdicts),
  figure: v.nullable(among(['1', '2a', '2b', '2c'])),
  clientName: nullableText,
  clientType: nullableText,
  mediaType: nullableText,
  proxyClientId: v.nullable(finite('a number or null')),
  startedAt: finite('milliseconds since 1970'),
  lastAt: finite('milliseconds since 1970'),
  elapsed: notNegative('milliseconds, 0 or more'),
  registeredAfter: v.nullable(notNegative('milliseconds, 0 or more, or null')),
  deadline: v.nullable(
    v.object({ kind: among(['registration', 'rejection']), at: finite('milliseconds') }),
  ),
  reason: v.nullable(disconnectReason),
  error: v.nullable(
    v.object({ code: v.nullable(finite('a number or null')), text: v.string('text') }),
  ),
  errors: wholeFromZero,
  steps: wholeFromOne,
  story: v.array(among(['refused', 'spoke'])),
  missing: v.nullable(namesOf(missingReasons)),
  carrier: v.optional(someText),
  logName: v.optional(v.string('text')),
});

/** A gap mark as it is read from a file. The messages are the allowed values. */
export const gapSchema = v.object({
  gap: wholeFromOne,
  at: finite('milliseconds since 1970'),
  session: v.optional(someText),
  from: v.optional(wholeFromOne),
  transitions: v.optional(v.record(v.string(), wholeFromZero, 'an object of whole numbers from 0')),
  summary: v.optional(summarySchema),
});

export type GapMark = v.InferOutput<typeof gapSchema>;

export function gapFrom({ gap, ...mark }: GapMark, line: number): RecordingGap {
  return { line, steps: gap, ...mark };
}

/** The gap mark for steps that could not be written, as a line without its end. */
export function gapMark({ steps, at, ...known }: Omit<RecordingGap, 'line'>): string {
  const { session, from, transitions, summary } = known;
  return JSON.stringify({ gap: steps, at, session, from, transitions, summary });
}

/** The reasons for missing steps, in words. */
const causes = {
  notWritten: 'the writer of the recording could not write',
  notHeld: 'the recording was saved by a page that did not have',
} as const;

/** The gap marks in words, e.g. `12 steps are missing: the writer of the recording could not write them`; null without any. */
export function gapSentence(gaps: readonly RecordingGap[]): string | null {
  const isNotHeld = ({ session }: RecordingGap) => session !== undefined;
  const sentences = [
    sentenceOf(
      gaps.filter((gap) => !isNotHeld(gap)),
      causes.notWritten,
    ),
    sentenceOf(gaps.filter(isNotHeld), causes.notHeld),
  ].filter((sentence) => sentence !== null);
  return sentences.length === 0 ? null : sentences.join('; ');
}

function sentenceOf(gaps: readonly RecordingGap[], cause: string): string | null {
  if (gaps.length === 0) return null;
  const steps = gaps.reduce((sum, gap) => sum + gap.steps, 0);
  const many = steps === 1 ? 'One step is missing' : `${steps} steps are missing`;
  const places = gaps.length === 1 ? '' : ` in ${gaps.length} places`;
  return `${many}${places}: ${cause} ${steps === 1 ? 'it' : 'them'}`;
}

/** One session of a saved recording. */
export interface SavedSession {
  readonly summary: SessionSummary;
  /** In order of seq. */
  readonly steps: readonly StepRecord[];
  readonly gaps: readonly SessionGap[];
}

/** The gap marks of a session and what they hold about the missing steps. */
export function gapsOfSession({
  summary,
  steps,
  gaps,
}: SavedSession): Omit<RecordingGap, 'line'>[] {
  return gaps.map(({ from, to, transitions }) => {
    const before = steps.findLast(({ seq }) => seq < from);
    const at = before?.at ?? summary.startedAt;
    const { session } = summary;
    return { steps: to - from + 1, at, session, from, transitions, summary };
  });
}
