/** What chart, ladder and verdict show of a session at the cursor. Pure functions without state. */
import {
  type Configuration,
  deadlineOf,
  type SeatDelays,
  type StepRecord,
} from '../../../machines/index.js';
import type { ChartProps, Cursor, Selection, SessionView } from './contracts.js';

export const nothingSelected: Selection = { edges: new Set(), steps: new Set() };

/** Index of the step at the cursor: the newest for null, the last one before a missing seq; -1 without steps. */
export function indexAt(steps: readonly StepRecord[], cursor: Cursor): number {
  if (cursor === null) return steps.length - 1;
  const index = steps.findLastIndex(({ seq }) => seq <= cursor);
  return index < 0 && steps.length > 0 ? 0 : index;
}

/** Whether more steps may come: the session is live, open and followed. */
export function mayGoOn(view: SessionView): boolean {
  return view.origin === 'live' && view.summary.state !== 'disconnected' && !isLastKnown(view);
}

/** Whether it was open at the last message of the gate and is no longer followed. */
export function isLastKnown({ summary, lastHeard }: SessionView): boolean {
  return lastHeard !== undefined && summary.state !== 'disconnected';
}

export function configurationAt(view: SessionView, cursor: Cursor): Configuration {
  const step = view.steps[indexAt(view.steps, cursor)];
  // The summary may be newer than the last step, whose successors may never arrive.
  const isBehind = cursor === null && step !== undefined && step.seq < view.summary.steps;
  return step === undefined || isBehind ? view.summary.state : step.to;
}

/** The step at the cursor as the transition to animate. */
export function takenAt(view: SessionView, cursor: Cursor): ChartProps['taken'] {
  const step = view.steps[indexAt(view.steps, cursor)];
  return step ? { edges: step.transition, seq: step.seq } : null;
}

/** How often each edge was taken, by id. Steps in a gap are counted if the gap has counts; otherwise the counts are incomplete. */
export function countsOf({
  steps,
  gaps,
}: Pick<SessionView, 'steps' | 'gaps'>): Pick<ChartProps, 'counts' | 'countsAreComplete'> {
  let known: SessionView['gaps'][number] | null = null;
  for (const gap of gaps) if (gap.transitions && gap.to > (known?.to ?? 0)) known = gap;
  const knownTo = known?.to ?? 0;
  const counts = new Map(Object.entries(known?.transitions ?? {}));
  for (const { seq, transition } of steps) {
    if (seq <= knownTo) continue;
    for (const edge of transition) counts.set(edge, (counts.get(edge) ?? 0) + 1);
  }
  return { counts, countsAreComplete: gaps.every(({ to }) => to <= knownTo) };
}

/**
 * The running deadline at the cursor.
 * @param now the clock of the session's recorder, in milliseconds since 1970; null when its time stands still.
 */
export function deadlineAt(
  view: SessionView,
  cursor: Cursor,
  delays: SeatDelays | null,
  now: number | null,
): ChartProps['deadline'] {
  const index = indexAt(view.steps, cursor);
  const step = view.steps[index];
  if (!step || step.deadline === null) return null;
  const kind = deadlineOf(step.to);
  if (kind === null) return null;
  // At the step that started this deadline all of its time was left.
  let start = index;
  while (start > 0 && deadlineOf(view.steps[start - 1]?.to ?? 'connecting') === kind) start -= 1;
  const first = view.steps[start]?.deadline ?? step.deadline;
  const whole = delays?.[`${kind}Timeout`];
  const total = Math.max(first, view.gaps.length > 0 && whole ? whole : 0, 1);
  const newest = cursor === null && index === view.steps.length - 1;
  const running = now !== null && newest && mayGoOn(view);
  // Simulated time can pass without a step.
  const since = newest && view.now !== undefined ? view.now - step.elapsed : 0;
  const left = step.deadline - Math.max(0, running ? now - step.at : since);
  return { kind, left: Math.max(0, left), total, running };
}

/** The selection after a click on an arrow: its edges. */
export function selectionOfStep(view: SessionView, seq: number): Selection {
  const step = view.steps.find((candidate) => candidate.seq === seq);
  return step ? { edges: new Set(step.transition), steps: new Set([seq]) } : nothingSelected;
}

/** The selection after a click on an edge: the steps that took it. */
export function selectionOfEdge(view: SessionView | null, edge: string): Selection {
  const steps = (view?.steps ?? []).filter(({ transition }) => transition.includes(edge));
  return { edges: new Set([edge]), steps: new Set(steps.map(({ seq }) => seq)) };
}
