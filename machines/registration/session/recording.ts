/** Recordings: step records as newline-delimited JSON, one object a line. What a gate writes, the page and the observer read. */
import * as v from 'valibot';
import { isWireMessage, type WireMessage } from '../chart/messages.js';
import {
  among,
  configuration,
  disconnectReason,
  finite,
  namesOf,
  notNegative,
  someText,
  whole,
  wholeFromOne,
} from './field-schemas.js';
import { type FindingCode, findingCodes } from './findings.js';
import {
  type GapMark,
  gapFrom,
  gapMark,
  gapSchema,
  gapsOfSession,
  type RecordingGap,
  type SavedSession,
} from './gap-mark.js';
import { type Inference, inferences, type MissingReason, missingReasons } from './marks.js';
import { headerSchema, type RecordingHeader } from './recording-header.js';
import type { StepRecord } from './step.js';
import { type SessionSummary, summarize } from './verdict.js';

/** A line that is not a step record. */
export interface RecordingProblem {
  /** 1 and up. */
  readonly line: number;
  /** The problem without the line number: `not JSON`, `no seq`, `seat is "gate"; allowed: ...`. */
  readonly reason: string;
}

export interface Recording {
  /** The name of the gate that wrote it, from the first header; missing without one. */
  readonly node?: string | undefined;
  /** In the order of the file. */
  readonly steps: readonly StepRecord[];
  readonly problems: readonly RecordingProblem[];
  /** The gap marks, in the order of the file. They do not count as problems. */
  readonly gaps: readonly RecordingGap[];
  /** The last line is incomplete because its writer was stopped. It is skipped and does not count as a problem. */
  readonly torn: boolean;
}

/** One session of a recording. */
export interface RecordedSession {
  readonly summary: SessionSummary;
  /** In order of seq. */
  readonly steps: readonly StepRecord[];
  /** Its gap marks. Steps can be missing without a gap mark. */
  readonly gaps: readonly RecordingGap[];
}

/** Schema of the marks that an observer adds. */
const observedMarksSchema = v.object({
  file: v.nullable(v.string('text or null')),
  line: v.nullable(whole('a whole number or null')),
  inferred: v.array(namesOf<Inference>(inferences), 'a list of texts'),
  missing: v.nullable(namesOf<MissingReason>(missingReasons)),
  findings: v.array(
    v.object({ code: namesOf<FindingCode>(findingCodes), sentence: v.string('text') }),
    'a list of findings',
  ),
  client: v.optional(v.string('text')),
});

/** Schema of a step record in a file; other keys are dropped. The messages give the allowed values. */
export const stepRecordSchema = v.object(
  {
    seq: wholeFromOne,
    session: someText,
    carrier: v.optional(someText),
    seat: among(['server', 'client', 'observer', 'tester']),
    at: finite('milliseconds since 1970'),
    elapsed: notNegative('milliseconds, 0 or more'),
    kind: among(['message', 'timer', 'lifecycle']),
    direction: v.nullable(among(['in', 'out'])),
    name: someText,
    referenceId: v.nullable(whole('a whole number or null')),
    from: configuration,
    to: configuration,
    transition: v.array(v.string('a list of texts'), 'a list of texts'),
    deadline: v.nullable(notNegative('milliseconds, 0 or more, or null')),
    reason: v.nullable(disconnectReason),
    payload: v.nullable(
      v.custom<WireMessage>(isWireMessage, 'an object with a messageName, or null'),
    ),
    epoch: v.optional(wholeFromOne),
    observed: v.optional(observedMarksSchema),
  },
  'an object',
);

/** The problem of a text without any record; the problem of its first line precedes it. */
export const noRecording = 'not an ixgate recording';

/**
 * Reads a recording: UTF-8 text, a byte order mark and CRLF accepted, empty lines ignored. Never throws. A text without a single
 * record gives one problem with the reason.
 */
export function parseRecording(text: string): Recording {
  const lines = text.replace(/^\uFEFF/, '').split('\n');
  const steps: StepRecord[] = [];
  const problems: RecordingProblem[] = [];
  const gaps: RecordingGap[] = [];
  const seen = new Set<string>();
  let torn = false;
  let node: string | undefined;
  lines.forEach((raw, index) => {
    const written = raw.trim();
    if (written === '') return;
    const line = index + 1;
    const read = readRecordingLine(written);
    if (typeof read === 'string') {
      const isLater = steps.length + gaps.length > 0;
      if (line === lines.length && isTornLine(written, isLater)) torn = true;
      else problems.push({ line, reason: read });
    } else if ('gap' in read) gaps.push(gapFrom(read, line));
    else if ('recording' in read) node ??= read.node;
    else {
      const key = `${read.seq} ${read.session}`;
      if (seen.has(key)) {
        problems.push({ line, reason: `a second record ${read.seq} of ${read.session}` });
      } else steps.push(read);
      seen.add(key);
    }
  });
  const [first] = problems;
  if (steps.length > 0 || gaps.length > 0 || !first) {
    return { ...(node !== undefined && { node }), steps, problems, gaps, torn };
  }
  const problem = { ...first, reason: `${first.reason}: ${noRecording}` };
  return { steps, problems: [problem], gaps, torn };
}

/** The records as a recording. */
export function recordingText(steps: Iterable<StepRecord>): string {
  let text = '';
  for (const step of steps) text += `${JSON.stringify(step)}\n`;
  return text;
}

/** A session as a recording, with a gap mark for missing steps. */
export function sessionText(session: SavedSession): string {
  const { steps } = session;
  let text = '';
  let written = 0;
  for (const gap of gapsOfSession(session)) {
    const next = steps.findIndex(({ seq }) => seq > (gap.from ?? 0));
    const end = next < 0 ? steps.length : next;
    text += `${recordingText(steps.slice(written, end))}${gapMark(gap)}\n`;
    written = Math.max(written, end);
  }
  return text + recordingText(steps.slice(written));
}

/**
 * The sessions of a recording, in the order in which they first appear.
 * @param gaps its gap marks; their summaries become part of the summary of their session.
 */
export function sessionsOf(
  steps: Iterable<StepRecord>,
  gaps: readonly RecordingGap[] = [],
): Map<string, RecordedSession> {
  const gapsBySession = bySession(gaps);
  const sessions = new Map<string, RecordedSession>();
  for (const [session, unordered] of bySession(steps)) {
    const ordered = unordered.sort((a, b) => a.seq - b.seq);
    const own = gapsBySession.get(session) ?? [];
    const summary = summaryOf(ordered, own);
    if (summary) sessions.set(session, { summary, steps: ordered, gaps: own });
  }
  return sessions;
}

/** The items of each session; those without a session are left out. */
function bySession<Item extends { readonly session?: string | undefined }>(
  items: Iterable<Item>,
): Map<string, Item[]> {
  const grouped = new Map<string, Item[]>();
  for (const item of items) {
    const { session } = item;
    if (session === undefined) continue;
    const siblings = grouped.get(session);
    if (siblings) siblings.push(item);
    else grouped.set(session, [item]);
  }
  return grouped;
}

/** The latest summary of a gap mark, updated with the steps after it; without one, the summary of all steps. */
function summaryOf(
  steps: readonly StepRecord[],
  gaps: readonly RecordingGap[],
): SessionSummary | null {
  let known: SessionSummary | null = null;
  for (const { session, summary } of gaps) {
    if (!session || !summary || summary.steps <= (known?.steps ?? 0)) continue;
    known = { ...summary, session };
  }
  const after = known?.steps ?? 0;
  return steps.filter(({ seq }) => seq > after).reduce<SessionSummary | null>(summarize, known);
}

const notJson = 'not JSON';

/**
 * Reads one line of a recording.
 * @param line without white space at its ends, and not empty.
 * @returns a record, a gap mark, a header, or the problem of the line (see `RecordingProblem`).
 */
export function readRecordingLine(line: string): StepRecord | GapMark | RecordingHeader | string {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return notJson;
  }
  const result = v.safeParse(schemaOf(value), value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const field = issue.path?.[0];
  if (field === undefined || Array.isArray(value)) return 'JSON, but no object';
  if (field.value === undefined) return `no ${field.key}`;
  return `${field.key} is ${shown(field.value)}; allowed: ${issue.message}`;
}

function schemaOf(value: unknown) {
  if (typeof value !== 'object' || value === null || 'seq' in value) return stepRecordSchema;
  if ('gap' in value) return gapSchema;
  return 'recording' in value ? headerSchema : stepRecordSchema;
}

const beginnings = ['{"seq":', '{"gap":', '{"recording":'];

/**
 * Whether the last line of a file is the beginning of a record, gap mark or header whose writer was stopped, not a problem. After a
 * power failure a file may end in zeros: its length was set, and its content was never written.
 * @param isLater whether a record or a gap mark stands before it.
 */
export function isTornLine(zeroEnded: string, isLater: boolean): boolean {
  if (readRecordingLine(zeroEnded) !== notJson) return false;
  const line = zeroEnded.replace(/\0+$/, '');
  const known = beginnings.some((start) => line.startsWith(start) || start.startsWith(line));
  return known || (isLater && line.startsWith('{'));
}

/** An error text must not hold the content of a payload: only its type is named. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
