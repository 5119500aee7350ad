/** What was seen on a connection, drawn for a terminal as the figures are: two lifelines, one arrow a message, from top to bottom. */
import {
  describeObserved,
  type FigureNote,
  type Lifeline,
  lifelines,
  type ObservedArrow,
  visible,
} from '../../machines/index.js';
import { noPaint, type Paint } from './paint.js';

/** One thing that was seen, with what there is to say of it. */
export interface LadderArrow extends ObservedArrow {
  /** Follows the arrow's time: `late`, `differs`. */
  readonly mark?: string | undefined;
  /** A sentence under the arrow. */
  readonly note?: string | undefined;
  /** Mark and note are of something that did not hold. @default false */
  readonly isWrong?: boolean | undefined;
}

export interface LadderOptions {
  /** @default noPaint */
  readonly paint?: Paint | undefined;
  /** Whether each arrow has its time; a model has none to show. @default true */
  readonly times?: boolean | undefined;
  /**
   * Rungs that are drawn, 2 or more. Where there are more, the first and the last are drawn, and what is wrong between with what came
   * before it; the rest is counted.
   * @default 60
   */
  readonly most?: number | undefined;
}

/** Columns between the lifelines: of a figure, and where what was said needs more. */
export const figureWidth = 40;
const mostWidth = 76;
export const margin = '  ';

/** Where a ladder's lines are drawn: the two lifelines, so many columns apart. */
export class Lifelines {
  readonly #width: number;

  constructor(width = figureWidth) {
    this.#width = width;
  }

  /** The two names, and the beginning of their lines. */
  heads(): string[] {
    const [left, right] = lifelines;
    const gap = this.#width + margin.length + 1 - left.length + Math.ceil(right.length / 2);
    return [`${margin}${left}${right.padStart(gap)}`, this.line()];
  }

  /** Both lifelines, with a text between them. */
  line(text = ''): string {
    return `${margin}  |${text.padEnd(this.#width)}|`;
  }

  /** What stands between two arrows. */
  note(label: string): string[] {
    const text = `~ ${label} ~`;
    return [this.line(), this.line(text.padStart(Math.floor((this.#width + text.length) / 2)))];
  }

  /**
   * A label on the line above its arrow, on the side of the one who says it.
   * @param beside follows the arrow.
   */
  arrow(from: Lifeline, label: string, isEnd: boolean, beside = ''): string[] {
    const line = '-'.repeat(this.#width - 1);
    const fromLeft = from === lifelines[0];
    const drawn = fromLeft ? `${line}${isEnd ? 'X' : '>'}` : `${isEnd ? 'X' : '<'}${line}`;
    return [
      this.line(fromLeft ? ` ${label}` : `${label} `.padStart(this.#width)),
      `${this.line(drawn)}${beside && `  ${beside}`}`,
    ];
  }
}

/**
 * What was seen as a ladder. Whatever the two sides said is escaped and cut to the ladder's width.
 * @param rungs from top to bottom; a note is what happened without a message, a timeout for one.
 * @returns lines, each with its line end.
 */
export function renderLadder(
  rungs: readonly (LadderArrow | FigureNote)[],
  options: LadderOptions = {},
): string {
  const { paint = noPaint, times = true, most = 60 } = options;
  const shown = rungs.length <= most ? rungs : withoutMiddle(rungs, most);
  // A note stands between tildes.
  const room = (rung: (typeof shown)[number]) =>
    labelOf(rung).length + (rung.kind === 'note' ? 4 : 2);
  const width = Math.min(mostWidth, Math.max(figureWidth, ...shown.map(room)));
  const lines = new Lifelines(width);
  const drawn = shown.flatMap((rung) => {
    const label = labelOf(rung);
    if (rung.kind === 'note') return lines.note(cut(label, width - 4));
    const { from, kind, note, isWrong = false } = rung;
    const colour = isWrong ? paint.red : paint.dim;
    const under = note ? [`${margin}    ${colour(visible(note))}`] : [];
    const beside = besideOf(rung, times, paint);
    return [...lines.arrow(from, cut(label, width - 2), kind === 'disconnect', beside), ...under];
  });
  return [...lines.heads(), ...drawn, lines.line()].map((line) => `${line}\n`).join('');
}

function labelOf(rung: LadderArrow | FigureNote): string {
  if (rung.kind === 'note') return visible(rung.label);
  if (rung.kind === 'connect') return 'connect';
  const detail = rung.detail ? `: ${rung.detail}` : '';
  if (rung.kind === 'disconnect') return visible(`disconnect${detail}`);
  return visible(describeObserved(rung));
}

function besideOf({ at, mark, isWrong }: LadderArrow, times: boolean, paint: Paint): string {
  const time = times ? timeOf(at).padStart(9) : '';
  if (!mark) return time;
  const text = visible(mark);
  return `${time}${time && '  '}${isWrong ? paint.red(text) : text}`;
}

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}

function withoutMiddle(
  rungs: readonly (LadderArrow | FigureNote)[],
  most: number,
): (LadderArrow | FigureNote)[] {
  const end = Math.floor(most / 2);
  const isWrong = (rung: LadderArrow | FigureNote | undefined) =>
    rung !== undefined && 'isWrong' in rung && rung.isWrong === true;
  const isShown = (index: number) =>
    index < end ||
    index >= rungs.length - end ||
    isWrong(rungs[index]) ||
    isWrong(rungs[index + 1]);
  const shown: (LadderArrow | FigureNote)[] = [];
  let left = 0;
  for (const [index, rung] of rungs.entries()) {
    if (!isShown(index)) left += 1;
    else {
      if (left > 0) shown.push({ kind: 'note', label: `${left} more, not drawn` });
      left = 0;
      shown.push(rung);
    }
  }
  return shown;
}

/** A time as it stands beside an arrow. */
export function timeOf(milliseconds: number): string {
  if (milliseconds < 10_000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 600_000) return `${(milliseconds / 1_000).toFixed(1)} s`;
  return `${(milliseconds / 3_600_000).toFixed(1)} h`;
}
