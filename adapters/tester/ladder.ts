/** Draws a connection for a terminal in the form of the figures: two lifelines, one arrow for each message, from top to bottom. */
import { type FigureNote, lifelines } from '../../machines/registration/figures/figures.js';
import {
  describeObserved,
  type ObservedArrow,
} from '../../machines/registration/figures/observed.js';
import { visible } from '../../machines/text/format.js';
import { noPaint, type Paint } from './paint.js';

/** An observed arrow with its annotations. */
export interface LadderArrow extends ObservedArrow {
  /** Follows the arrow's time: `late`, `FAIL`. */
  readonly mark?: string | undefined;
  /** A sentence under the arrow. */
  readonly note?: string | undefined;
  /** Mark and note describe a failure. @default false */
  readonly isWrong?: boolean | undefined;
}

export interface LadderOptions {
  /** @default noPaint */
  readonly paint?: Paint | undefined;
  /** Whether each arrow shows its time. The arrows of a model have no times. @default true */
  readonly times?: boolean | undefined;
  /**
   * Maximum number of drawn rungs, 2 or more. Beyond it the ladder has the first and the last rungs, and each failure with the rung
   * before it. The others are counted.
   * @default 60
   */
  readonly maxRungs?: number | undefined;
}

/** Columns between the lifelines: of a figure, and at most for long labels. */
export const figureWidth = 40;
const maxWidth = 76;
export const margin = '  ';

/** Draws the lines of a ladder between two lifelines. */
export class Lifelines {
  readonly #width: number;
  readonly #names: readonly [left: string, right: string];

  /** @param width columns between the lifelines. @param names the two sides. */
  constructor(width = figureWidth, names: readonly [left: string, right: string] = lifelines) {
    this.#width = width;
    this.#names = names;
  }

  /** The two names, and the beginning of their lines. */
  heads(): string[] {
    const [left, right] = this.#names;
    const gap = this.#width + margin.length + 1 - left.length + Math.ceil(right.length / 2);
    return [`${margin}${left}${right.padStart(gap)}`, this.line()];
  }

  /** Both lifelines, with a text between them. */
  line(text = ''): string {
    return `${margin}  |${text.padEnd(this.#width)}|`;
  }

  /** A note between two arrows. */
  note(label: string): string[] {
    const text = `~ ${label} ~`;
    return [this.line(), this.line(text.padStart(Math.floor((this.#width + text.length) / 2)))];
  }

  /**
   * An arrow with its label on the line above, at the sender's side.
   * @param beside text after the arrow.
   */
  arrow(from: string, label: string, isEnd: boolean, beside = ''): string[] {
    const line = '-'.repeat(this.#width - 1);
    const fromLeft = from === this.#names[0];
    const drawn = fromLeft ? `${line}${isEnd ? 'X' : '>'}` : `${isEnd ? 'X' : '<'}${line}`;
    return [
      this.line(fromLeft ? ` ${label}` : `${label} `.padStart(this.#width)),
      `${this.line(drawn)}${beside && `  ${beside}`}`,
    ];
  }
}

/**
 * Draws a ladder. Text of the two sides is escaped and cut to the ladder's width.
 * @param rungs from top to bottom; a note is an event without a message, for instance a timeout.
 * @returns lines, each with its line end.
 */
export function renderLadder(
  rungs: readonly (LadderArrow | FigureNote)[],
  options: LadderOptions = {},
): string {
  const { paint = noPaint, times = true, maxRungs = 60 } = options;
  const shown = rungs.length <= maxRungs ? rungs : withoutMiddle(rungs, maxRungs);
  // A note has tildes on both sides.
  const room = (rung: (typeof shown)[number]) =>
    labelOf(rung).length + (rung.kind === 'note' ? 4 : 2);
  const width = Math.min(maxWidth, Math.max(figureWidth, ...shown.map(room)));
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
  maxRungs: number,
): (LadderArrow | FigureNote)[] {
  const end = Math.floor(maxRungs / 2);
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

/** The time beside an arrow. */
export function timeOf(milliseconds: number): string {
  if (milliseconds < 10_000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 600_000) return `${(milliseconds / 1_000).toFixed(1)} s`;
  return `${(milliseconds / 3_600_000).toFixed(1)} h`;
}
