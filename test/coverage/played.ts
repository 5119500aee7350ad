import {
  type FigureId,
  findFigure,
  playFigureOnChart,
  type StepRecord,
} from '../../machines/index.js';

/** The step records of a figure, as one session. */
export function played(id: FigureId, changes: Partial<StepRecord> = {}): StepRecord[] {
  const session = `figure-${id}`;
  return playFigureOnChart(findFigure(id)).steps.map((step) => ({ ...step, session, ...changes }));
}
