import {
  type FigureId,
  findFigure,
  playFigureOnChart,
  type StepRecord,
} from '../../machines/index.js';

/** A figure as a session of its own. */
export function played(id: FigureId, changes: Partial<StepRecord> = {}): StepRecord[] {
  const session = `figure-${id}`;
  return playFigureOnChart(findFigure(id)).steps.map((step) => ({ ...step, session, ...changes }));
}
