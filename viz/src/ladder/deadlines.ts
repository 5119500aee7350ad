/** The running deadlines of a session, each from where it began to where it stopped. */
import { deadlineOf } from '../../../machines/index.js';
import type { StepRecord } from '../state/contracts.js';

export interface DeadlineSpan {
  readonly kind: 'registration' | 'rejection';
  /** seq of the step that started it; null when it ran before the first step that is held. */
  readonly start: number | null;
  /** seq of the step that ended it; null while it runs. */
  readonly end: number | null;
  /** Milliseconds it had when it was first seen. */
  readonly length: number;
  /** Milliseconds since Connected at which it runs out. */
  readonly at: number;
  readonly outcome: 'running' | 'expired' | 'replaced' | 'registered' | 'disconnected';
  /** Milliseconds that were left when it ended; 0 for one that expired, null while it runs. */
  readonly left: number | null;
}

/** Where the seat keeps no clock (the client's does not) there are none. */
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
