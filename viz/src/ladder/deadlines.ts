/** The deadlines of a session, each from its start to its end. */
import { deadlineOf } from '../../../machines/index.js';
import type { StepRecord } from '../state/contracts.js';

export interface DeadlineSpan {
  readonly kind: 'registration' | 'rejection';
  /** seq of the step that started it; null when it started before the first known step. */
  readonly start: number | null;
  /** seq of the step that ended it; null while it runs. */
  readonly end: number | null;
  /** Milliseconds left at its first known step. */
  readonly length: number;
  /** When it expires, in milliseconds since Connected. */
  readonly at: number;
  readonly outcome: 'running' | 'expired' | 'replaced' | 'registered' | 'disconnected';
  /** Milliseconds that were left when it ended; 0 for one that expired, null while it runs. */
  readonly left: number | null;
}

/** The deadlines of a session; none for a seat without deadlines, such as the client. */
export function deadlineSpans(steps: readonly StepRecord[]): DeadlineSpan[] {
  const spans: DeadlineSpan[] = [];
  let open: DeadlineSpan | null = null;
  for (const step of steps) {
    const kind = deadlineOf(step.to);
    if (open && open.kind !== kind) {
      spans.push(ended(open, step));
      open = null;
    }
    if (open || kind === null || step.deadline === null) continue;
    open = {
      kind,
      start: deadlineOf(step.from) === kind ? null : step.seq,
      end: null,
      length: step.deadline,
      at: step.elapsed + step.deadline,
      outcome: 'running',
      left: null,
    };
  }
  return open ? [...spans, open] : spans;
}

function ended(span: DeadlineSpan, step: StepRecord): DeadlineSpan {
  const outcome =
    step.kind === 'timer'
      ? 'expired'
      : step.to === 'registered'
        ? 'registered'
        : step.to === 'disconnected'
          ? 'disconnected'
          : 'replaced';
  const left = outcome === 'expired' ? 0 : Math.max(0, span.at - step.elapsed);
  return { ...span, end: step.seq, outcome, left };
}
