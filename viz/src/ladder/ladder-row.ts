/** The rows that a ladder is drawn of. */
import type { Lifeline } from '../../../machines/index.js';
import type { StepRecord } from '../state/contracts.js';
import type { DeadlineSpan } from './deadlines.js';

export interface DrawnArrow {
  readonly kind: 'connect' | 'message' | 'disconnect';
  /** Null when neither side did it: the connection broke. */
  readonly from: Lifeline | null;
  readonly to: Lifeline;
}

/** The part of a deadline's bracket that runs through a row. */
export interface BracketPart {
  readonly kind: DeadlineSpan['kind'];
  /** It begins at this row's arrow. */
  readonly begins: boolean;
  /** It ends at this row's arrow. */
  readonly ends: boolean;
}

export interface StepRow {
  readonly type: 'step';
  readonly step: StepRecord;
  /** Milliseconds since the step before; null on the first. */
  readonly since: number | null;
  /** Null for a step that is not an arrow: a second Connected. */
  readonly arrow: DrawnArrow | null;
  readonly label: string;
  /** Notes over both lifelines above the arrow: a deadline that expired. */
  readonly before: readonly string[];
  /** Notes below it: a deadline that began or stopped. */
  readonly after: readonly string[];
  /** What the arrow says at a glance: who asks, or error code and text. */
  readonly detail: string | null;
  /** Why the session ended, in words. */
  readonly reason: string | null;
  /** Brackets through this row: one that ends and one that begins may meet. */
  readonly brackets: readonly BracketPart[];
  /** What is not in order with this message, in words. */
  readonly flag: string | null;
  /** What an observer remarks: findings, and what was concluded. */
  readonly remarks: readonly string[];
  /** The chart has no step of the protocol for it. */
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
