/** What an observer adds to a step that it reads from what others have written: where it stands, and how sure it is. */
import type { FindingCode } from './findings.js';

/** What may have been concluded where a log does not say it, each in words. */
export const inferences = {
  connect: 'its connect line is missing: it connected no later than this',
  connection: 'the log does not say which of several connections this is',
  deadline: 'the log does not say why the server closed it: that its deadline ran out is concluded',
  end: 'its disconnect line is missing: it ended no later than this',
  date: "the date is taken from the file's name",
  'no-date': 'the log has no date: 1970-01-01 stands for it',
  request: 'its message is not in the log: it is concluded from the answer',
  encoding: 'bytes that are not UTF-8 are read as Latin-1',
} as const;
export type Inference = keyof typeof inferences;

/** Why the absence of a message proves nothing, each in words that follow `not decidable, because`. */
export const missingReasons = {
  beginning: 'the log begins in the middle of it',
  masked: 'a line of it is masked',
  damaged: 'the log is damaged',
  cut: 'the log is cut off',
  gap: 'a part of the log is missing',
} as const;
export type MissingReason = keyof typeof missingReasons;

/** What an observer adds to a step record. */
export interface ObservedMarks {
  /** The file in which it stands, and its line from 1; null for what was no file. */
  readonly file: string | null;
  readonly line: number | null;
  /** What of it was concluded. */
  readonly inferred: readonly Inference[];
  /** What is missing before it. */
  readonly missing: MissingReason | null;
  /** What the chart has no answer to. */
  readonly findings: readonly FindingMark[];
  /** What the log calls the client: on the session's first step, and where the log calls it otherwise from then on. */
  readonly client?: string | undefined;
}

/** A finding as it stands beside its step. */
export interface FindingMark {
  readonly code: FindingCode;
  readonly sentence: string;
}
