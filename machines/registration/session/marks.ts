/** What an observer adds to a step from a log: its place in the log, and how certain it is. */
import type { FindingCode } from './findings.js';

/** What an observer may infer where the log does not state it, each in words. */
export const inferences = {
  connect: 'the connect line is missing: the client connected no later than this',
  connection: 'the log does not state which of several connections this is',
  deadline: 'the log does not state why the server closed: the deadline probably expired',
  end: 'the disconnect line is missing: the session ended no later than this',
  date: "the date is taken from the file's name",
  'no-date': 'the log has no date: 1970-01-01 is used',
  request: 'the message is not in the log: it is inferred from the answer',
  encoding: 'bytes that are not UTF-8 are read as Latin-1',
} as const;
export type Inference = keyof typeof inferences;

/** Why messages may be missing, each in words that follow `the log is incomplete`. The absence of a message then proves nothing. */
export const missingReasons = {
  beginning: 'it begins in the middle of the session',
  masked: 'a line is masked',
  damaged: 'it is damaged',
  cut: 'it is cut off',
  gap: 'a part is missing',
} as const;
export type MissingReason = keyof typeof missingReasons;

/** What an observer adds to a step record. */
export interface ObservedMarks {
  /** The file that contains the step, and its line from 1; null when the source is not a file. */
  readonly file: string | null;
  readonly line: number | null;
  /** What was inferred. */
  readonly inferred: readonly Inference[];
  /** What is missing before this step. */
  readonly missing: MissingReason | null;
  /** Protocol violations at this step. */
  readonly findings: readonly FindingMark[];
  /** The client's name in the log: on the session's first step, and where the log uses another name from then on. */
  readonly client?: string | undefined;
}

/** A finding at its step. */
export interface FindingMark {
  readonly code: FindingCode;
  readonly sentence: string;
}
