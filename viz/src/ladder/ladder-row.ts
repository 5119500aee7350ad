/** The rows of a ladder. */
import type { Lifeline } from '../../../machines/index.js';
import type { StepRecord } from '../state/contracts.js';
import type { DeadlineSpan } from './deadlines.js';

export interface DrawnArrow {
  readonly kind: 'connect' | 'message' | 'disconnect';
  /** Null when the connection broke. */
  readonly from: Lifeline | null;
  readonly to: Lifeline;
}

/** The part of a deadline's bracket in a row. */
export interface BracketPart {
  readonly kind: DeadlineSpan['kind'];
  /** Whether it begins at this row's arrow. */
  readonly begins: boolean;
  /** Whether it ends at this row's arrow. */
  readonly ends: boolean;
}

export interface StepRow {
  readonly type: 'step';
  readonly step: StepRecord;
  /** Milliseconds since the step before; null on the first. */
  readonly since: number | null;
  /** Null for a step without an arrow: a second Connected. */
  readonly arrow: DrawnArrow | null;
  readonly label: string;
  /** Notes over both lifelines above the arrow: a deadline that expired. */
  readonly before: readonly string[];
  /** Notes below the arrow: a deadline that began or stopped. */
  readonly after: readonly string[];
  /** The detail of the message: the client that registers, or error code and text. */
  readonly detail: string | null;
  /** Why the session ended, in words. */
  readonly reason: string | null;
  /** Brackets in this row: one may end where another one begins. */
  readonly brackets: readonly BracketPart[];
  /** A problem with this message, in words. */
  readonly flag: string | null;
  /** Remarks of an observer: findings and inferences. */
  readonly remarks: readonly string[];
  /** Whether it is not a step of the protocol. */
  readonly unexpected: boolean;
}

export interface GapRow {
  readonly type: 'gap';
  readonly from: number;
  readonly to: number;
  readonly words: string;
  readonly brackets: readonly BracketPart[];
}

export type LadderRow = StepRow | GapRow;
