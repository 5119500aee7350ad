/** Messages of the gate that are taken in together. */
import type {
  FeedMessage,
  FeedTotals,
  SessionSummary,
  StepRecord,
} from '../../../machines/index.js';

/** What came since the last frame, in order. */
export interface FeedBatch {
  readonly sessions: readonly SessionSummary[];
  readonly removed: readonly string[];
  readonly totals: FeedTotals | null;
  /** Every session the gate holds, once its list is complete after a (re)connect; else null. */
  readonly listed: ReadonlySet<string> | null;
  readonly steps: readonly StepRecord[];
  readonly gaps: readonly Extract<FeedMessage, { type: 'gap' }>[];
  readonly unknown: readonly string[];
}

/** @param listed sessions of the list so far, while it has not come as a whole; those of the messages are added. */
export function batchOf(messages: readonly FeedMessage[], listed: Set<string> | null): FeedBatch {
  const summaries = new Map<string, SessionSummary>();
  const removed = new Set<string>();
  const steps: StepRecord[] = [];
  const gaps: Extract<FeedMessage, { type: 'gap' }>[] = [];
  const unknown: string[] = [];
  let totals: FeedTotals | null = null;
  let complete = false;
  for (const message of messages) {
    if (message.type === 'sessions') {
      for (const summary of message.sessions) {
        summaries.set(summary.session, summary);
        removed.delete(summary.session);
        listed?.add(summary.session);
      }
      for (const session of message.removed) {
        removed.add(session);
        listed?.delete(session);
      }
      totals = message.totals;
      complete ||= message.complete;
    } else if (message.type === 'steps') {
      for (const step of message.steps) steps.push(step);
    } else if (message.type === 'gap') gaps.push(message);
    else if (message.type === 'unknown') unknown.push(message.session);
  }
  return {
    sessions: [...summaries.values()],
    removed: [...removed],
    totals,
    listed: complete ? listed : null,
    steps,
    gaps,
    unknown,
  };
}
