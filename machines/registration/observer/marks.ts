/** The marks that an observer adds to a step that it reads from a log: its place and what was inferred. */
import type { FindingCode } from './findings.js';

/** The kinds of inference where a log is incomplete, each in words. */
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

/** The reasons why the absence of a message proves nothing, each in words that follow the verdict. */
export const missingReasons = {
  beginning: 'the log begins in the middle of it',
  masked: 'a line of it is masked',
  damaged: 'the log is damaged',
  cut: 'the log is cut off',
  gap: 'a part of the log is missing',
} as const;
export type MissingReason = keyof typeof missingReasons;

/** The marks of one step record. */
export interface ObservedMarks {
  /** The file and the line, from 1; null when the source is not a file. */
  readonly file: string | null;
  readonly line: number | null;
  /** What was inferred. */
  readonly inferred: readonly Inference[];
  /** Why steps before it may be missing; null when none are. */
  readonly missing: MissingReason | null;
  /** The findings at this step. */
  readonly findings: readonly FindingMark[];
  /** The client's name in the log: on the first step of the session, and wherever the name changes. */
  readonly client?: string | undefined;
}

/** A finding at a step. */
export interface FindingMark {
  readonly code: FindingCode;
  readonly sentence: string;
}
