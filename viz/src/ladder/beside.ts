/** A documented figure beside a session: the step of each arrow, and the difference. */
import {
  type ComparedArrow,
  compareSession,
  type FigureId,
  findFigure,
  type ObservedArrow,
  observedFrom,
} from '../../../machines/index.js';
import type { StepRecord } from '../state/contracts.js';

export interface BesideArrow extends ComparedArrow {
  /** The notes above this arrow in the figure: the timeout. */
  readonly notes: readonly string[];
}

export interface Beside {
  readonly figure: FigureId;
  readonly title: string;
  /** The figure's arrow at a step, by seq. */
  readonly bySeq: ReadonlyMap<number, BesideArrow>;
  /** The figure's arrows without a step. */
  readonly rest: readonly BesideArrow[];
  readonly tone: 'same' | 'so-far' | 'differs' | 'unknown';
  readonly sentence: string;
}

export function figureBeside(id: FigureId, steps: readonly StepRecord[]): Beside {
  const figure = findFigure(id);
  const seen = steps.flatMap((step) =>
    observedFrom([step]).map((observed) => ({ seq: step.seq, observed })),
  );
  const whole = steps.length === 0 || steps[0]?.seq === 1;
  const comparison = compareSession(figure, whole ? observedFrom(steps) : []);
  const notes: string[][] = [[]];
  for (const step of figure.steps) {
    if (step.kind === 'note') notes.at(-1)?.push(step.label);
    else notes.push([]);
  }
  const arrows = comparison.arrows.map((arrow, index) => ({ ...arrow, notes: notes[index] ?? [] }));
  const { difference } = comparison;
  const bySeq = new Map<number, BesideArrow>();
  // Up to the first difference arrows and steps are paired in order; after it, equal ones stand side by side.
  const together = difference === null ? arrows.length : difference.index + 1;
  if (whole) {
    for (const [index, arrow] of arrows.slice(0, together).entries()) {
      const step = seen[index];
      if (step) bySeq.set(step.seq, arrow);
    }
    for (const [arrow, seq] of aligned(arrows.slice(together), seen.slice(together))) {
      bySeq.set(seq, arrow);
    }
  }
  const placed = new Set(bySeq.values());
  const rest = arrows.filter((arrow) => !placed.has(arrow));
  const [tone, sentence] = !whole
    ? ([
        'unknown',
        'The first steps of this session are missing, so it cannot be compared.',
      ] as const)
    : difference
      ? (['differs', difference.sentence] as const)
      : rest.length === 0
        ? (['same', `Matches figure ${id}.`] as const)
        : (['so-far', soFar(id, rest.length)] as const);
  return { figure: id, title: figure.title, bySeq, rest, tone, sentence };
}

interface Seen {
  readonly seq: number;
  readonly observed: ObservedArrow;
}

/**
 * Each arrow with the seq of its step: an equal step, or, for an arrow between two equal ones, a step between them. It stops at the first
 * arrow without a step, so that the arrows stay in order.
 */
function aligned(arrows: readonly BesideArrow[], steps: readonly Seen[]): [BesideArrow, number][] {
  const places: [BesideArrow, number][] = [];
  const anchors = new Map(alike(arrows, steps));
  let step = 0;
  for (const [index, arrow] of arrows.entries()) {
    const next = arrows.slice(index).find((one) => anchors.has(one));
    const seq = anchors.get(arrow) ?? steps[step]?.seq;
    const limit = next === undefined ? Number.POSITIVE_INFINITY : (anchors.get(next) ?? 0);
    if (seq === undefined || (seq >= limit && arrow !== next)) break;
    places.push([arrow, seq]);
    step = steps.findIndex((one) => one.seq === seq) + 1;
  }
  return places;
}

/** The longest common subsequence of arrows and steps: each arrow with the seq of its step. */
function alike(arrows: readonly BesideArrow[], steps: readonly Seen[]): [BesideArrow, number][] {
  const width = steps.length + 1;
  /** Length of the longest subsequence from an arrow and a step on, at `arrow * width + step`. */
  const lengths = new Uint16Array((arrows.length + 1) * width);
  const at = (arrow: number, step: number) => lengths[arrow * width + step] ?? 0;
  for (let arrow = arrows.length - 1; arrow >= 0; arrow -= 1) {
    for (let step = steps.length - 1; step >= 0; step -= 1) {
      lengths[arrow * width + step] = isAlike(arrows[arrow], steps[step])
        ? 1 + at(arrow + 1, step + 1)
        : Math.max(at(arrow + 1, step), at(arrow, step + 1));
    }
  }
  const found: [BesideArrow, number][] = [];
  for (let arrow = 0, step = 0; at(arrow, step) > 0; ) {
    const [one, other] = [arrows[arrow], steps[step]];
    if (one && other && isAlike(one, other)) {
      found.push([one, other.seq]);
      arrow += 1;
      step += 1;
    } else if (at(arrow + 1, step) >= at(arrow, step + 1)) arrow += 1;
    else step += 1;
  }
  return found;
}

function isAlike(beside: BesideArrow | undefined, step: Seen | undefined): boolean {
  if (!beside || !step) return false;
  const { arrow } = beside;
  const { kind, from, message } = step.observed;
  if (arrow.kind !== kind || arrow.from !== from) return false;
  if (kind !== 'message') return true;
  const name = message?.messageName;
  // "any other message" in the figure matches any other message.
  if (from === 'Client' && arrow.valid === null) return name !== 'RequestRegisterClient';
  return name === arrow.messageName;
}

function soFar(id: FigureId, missing: number): string {
  const left = missing === 1 ? 'the last arrow is' : `the last ${missing} arrows are`;
  return `Matches figure ${id} so far; ${left} missing.`;
}
