/** What chart, ladder and verdict show of a session at the cursor. Everything here is derived; nothing is kept. */
import {
  type Configuration,
  deadlineOf,
  registrationEdges,
  type SeatDelays,
  type StepRecord,
} from '../../../machines/index.js';
import type { ChartProps, Cursor, Selection, SessionView } from './contracts.js';

export const nothingSelected: Selection = { edges: new Set(), steps: new Set() };

/** Index of the step the cursor stands on: the newest for null, the last one before a seq that is missing; -1 for none. */
export function indexAt(steps: readonly StepRecord[], cursor: Cursor): number {
  if (cursor === null) return steps.length - 1;
  const index = steps.findLastIndex(({ seq }) => seq <= cursor);
  return index < 0 && steps.length > 0 ? 0 : index;
}

/** Whether steps may still come: it is live, has not ended and is followed. */
export function mayGoOn(view: SessionView): boolean {
  return view.origin === 'live' && view.summary.state !== 'disconnected' && !isLastKnown(view);
}

/** Whether it had not ended when the gate was last heard of it. */
export function isLastKnown({ summary, lastHeard }: SessionView): boolean {
  return lastHeard !== undefined && summary.state !== 'disconnected';
}

export function configurationAt(view: SessionView, cursor: Cursor): Configuration {
  const step = view.steps[indexAt(view.steps, cursor)];
  // The summary comes sooner than the newest steps, which may be missing for good.
  const isBehind = cursor === null && step !== undefined && step.seq < view.summary.steps;
  return step === undefined || isBehind ? view.summary.state : step.to;
}

/** The step at the cursor as the transition to animate. */
export function takenAt(view: SessionView, cursor: Cursor): ChartProps['taken'] {
  const step = view.steps[indexAt(view.steps, cursor)];
  return step ? { edges: step.transition, seq: step.seq } : null;
}

/** How often each edge was taken, by id. Steps in a gap count where the gap says how often; else the counts are not complete. */
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
 * The deadline that runs at the cursor.
 * @param now the clock of the recorder of the session, in milliseconds since 1970; null while no time passes for it.
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
  // The step that started this deadline had all of it left.
  let start = index;
  while (start > 0 && deadlineOf(view.steps[start - 1]?.to ?? 'connecting') === kind) start -= 1;
  const first = view.steps[start]?.deadline ?? step.deadline;
  const whole = delays?.[`${kind}Timeout`];
  const total = Math.max(first, view.gaps.length > 0 && whole ? whole : 0, 1);
  const newest = cursor === null && index === view.steps.length - 1;
  const running = now !== null && newest && mayGoOn(view);
  // Where time is simulated it can have passed without a step.
  const since = newest && view.now !== undefined ? view.now - step.elapsed : 0;
  const left = step.deadline - Math.max(0, running ? now - step.at : since);
  return { kind, left: Math.max(0, left), total, running };
}

/** Lit by a click on an arrow: its edges. */
export function selectionOfStep(view: SessionView, seq: number): Selection {
  const step = view.steps.find((candidate) => candidate.seq === seq);
  return step ? { edges: new Set(step.transition), steps: new Set([seq]) } : nothingSelected;
}

/** Lit by a click on an edge: the steps that took it. */
export function selectionOfEdge(view: SessionView | null, edge: string): Selection {
  const steps = (view?.steps ?? []).filter(({ transition }) => transition.includes(edge));
  return { edges: new Set([edge]), steps: new Set(steps.map(({ seq }) => seq)) };
}

/** An edge in words, for those who cannot see it light up. */
export function edgeInWords(id: string): string {
  const edge = registrationEdges.find((candidate) => candidate.id === id);
  if (!edge) return id;
  const last = (path: string) => path.split('.').at(-1);
  const event = edge.timer ? `when ${edge.event} is over` : edge.event;
  return edge.stays
    ? `${event} in ${last(edge.source)}`
    : `${event}: ${last(edge.source)} to ${last(edge.target)}`;
}
