/** A documented figure beside a session: which of its arrows stands at which step, and what differs. */
import {
  type ComparedArrow,
  compareSession,
  type FigureId,
  findFigure,
  observedFrom,
} from '../../../machines/index.js';
import type { StepRecord } from '../contracts.js';

export interface BesideArrow extends ComparedArrow {
  /** What the figure writes above this arrow: the timeout. */
  readonly notes: readonly string[];
}

export interface Beside {
  readonly figure: FigureId;
  readonly title: string;
  /** The figure's arrow at a step, by seq. */
  readonly bySeq: ReadonlyMap<number, BesideArrow>;
  /** The figure's arrows that no step stands beside. */
  readonly rest: readonly BesideArrow[];
  readonly tone: 'same' | 'so-far' | 'differs' | 'unknown';
  readonly sentence: string;
}

export function figureBeside(id: FigureId, steps: readonly StepRecord[]): Beside {
  const figure = findFigure(id);
  const arrowSeqs = steps.filter((step) => observedFrom([step]).length > 0).map(({ seq }) => seq);
  const whole = steps.length === 0 || steps[0]?.seq === 1;
  const comparison = compareSession(figure, whole ? observedFrom(steps) : []);
  const notes: string[][] = [[]];
  for (const step of figure.steps) {
    if (step.kind === 'note') notes.at(-1)?.push(step.label);
    else notes.push([]);
  }
  const arrows = comparison.arrows.map((arrow, index) => ({ ...arrow, notes: notes[index] ?? [] }));
  const beside = whole ? Math.min(arrows.length, arrowSeqs.length) : 0;
  const bySeq = new Map<number, BesideArrow>();
  arrows.slice(0, beside).forEach((arrow, index) => {
    const seq = arrowSeqs[index];
    if (seq !== undefined) bySeq.set(seq, arrow);
  });
  const rest = arrows.slice(beside);
  const { difference } = comparison;
  const [tone, sentence] = !whole
    ? ([
        'unknown',
        'The first steps of this session are not held, so it cannot be compared.',
      ] as const)
    : difference
      ? (['differs', difference.sentence] as const)
      : rest.length === 0
        ? (['same', `The same as figure ${id}, arrow for arrow.`] as const)
        : (['so-far', soFar(id, rest.length)] as const);
  return { figure: id, title: figure.title, bySeq, rest, tone, sentence };
}

function soFar(id: FigureId, missing: number): string {
  const left = missing === 1 ? 'its last arrow has' : `its last ${missing} arrows have`;
  return `Like figure ${id} so far; ${left} not come.`;
}
