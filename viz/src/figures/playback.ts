/** A figure that was played on the chart, shown again step by step. */
import {
  type ComparedArrow,
  compareFigure,
  type Figure,
  type FigureRun,
  observedFrom,
  type StepRecord,
  summarize,
} from '../../../machines/index.js';
import type { SessionView } from '../state/contracts.js';

/** Simulated milliseconds from the connect to the figure's last arrow. */
export function lengthOf({ steps }: FigureRun): number {
  return steps.at(-1)?.elapsed ?? 0;
}

/** The steps that had been taken by a time. */
export function stepsUntil({ steps }: FigureRun, time: number): StepRecord[] {
  return steps.filter(({ elapsed }) => elapsed <= time);
}

/**
 * Steps of a figure as a session of the page; null when there are none yet.
 * @param now where the clock stands, in milliseconds since the connect.
 */
export function figureView(
  id: string,
  steps: readonly StepRecord[],
  now: number | undefined,
): SessionView | null {
  const named = steps.map((step) => ({ ...step, session: `figure-${id}` }));
  const summary = named.reduce<SessionView['summary'] | null>(summarize, null);
  if (summary === null) return null;
  return { origin: 'figure', summary, steps: named, gaps: [], ...(now !== undefined && { now }) };
}

/** The figure's arrows as far as it was played. */
export function playedSoFar(
  figure: Figure,
  steps: readonly StepRecord[],
): readonly ComparedArrow[] {
  return compareFigure(figure, observedFrom(steps)).arrows;
}
