import { gapMark } from '../../machines/registration/session/gap-mark.js';

/** A line of a recording in the backlog. */
export interface Line {
  /** The text with its line end. */
  readonly text: string;
  readonly bytes: number;
  /** The number of the last step that it represents; steps are numbered as they arrive. */
  readonly number: number;
  /** The number of steps that it represents: 1, or the dropped steps of a gap mark. */
  readonly steps: number;
  readonly isMark: boolean;
  /** When the step, or the first of the steps, happened: wall clock, milliseconds since 1970. */
  readonly at: number;
}

/**
 * The backlog of lines in writing order, limited in bytes. Lines beyond the limit are dropped until the backlog is below half of it;
 * a gap mark replaces them.
 */
export class LineQueue {
  readonly #max: number;
  #lines: Line[] = [];
  #bytes = 0;
  #missing: Pick<Line, 'number' | 'steps' | 'at'> | null = null;

  /** @param@param max maximum backlog in bytes, not counting gap marks. */
  constructor(max: number) {
    this.#max = max;
  }

  get isEmpty(): boolean {
    return this.#lines.length === 0;
  }

  /** The next line to write. */
  get next(): Line | undefined {
    return this.#lines[0];
  }

  /** The number of steps in the backlog, without those of gap marks. */
  get steps(): number {
    return this.#lines.filter(({ isMark }) => !isMark).length;
  }

  /**
   * Adds a line, or a step that has no line.
   * @returns whether it was added; otherwise it is dropped.
   */
  add(line: Line | Pick<Line, 'number' | 'at'>): boolean {
    if (this.#missing === null && 'text' in line && this.#bytes + line.bytes <= this.#max) {
      this.#push(line);
      return true;
    }
    const { number, at } = line;
    this.#missing = { at, ...this.#missing, number, steps: (this.#missing?.steps ?? 0) + 1 };
    this.#settle();
    return false;
  }

  /** Puts a gap mark before the backlog. */
  markLost(lost: Pick<Line, 'number' | 'steps' | 'at'>): void {
    const line = markOf(lost);
    this.#lines.unshift(line);
    this.#bytes += line.bytes;
  }

  /** The first lines of at most `max` bytes in total, but at least `min` lines. They stay until `written` is called. */
  first(max: number, min = 0): readonly Line[] {
    let bytes = 0;
    const end = this.#lines.findIndex((line, index) => {
      bytes += line.bytes;
      return bytes > max && index >= min;
    });
    return end === -1 ? [...this.#lines] : this.#lines.slice(0, end);
  }

  /** Removes the first `count` lines: they are in a file. */
  written(count: number): void {
    const lines = this.#lines.splice(0, count);
    this.#bytes -= lines.reduce((sum, { bytes }) => sum + bytes, 0);
    this.#settle();
  }

  /** Ends a gap when the backlog is at most half full. */
  #settle(): void {
    if (this.#missing === null || this.#bytes > this.#max / 2) return;
    this.#push(markOf(this.#missing));
    this.#missing = null;
  }

  /** Ends a gap in any case: no more lines follow. */
  end(): void {
    if (this.#missing) this.#push(markOf(this.#missing));
    this.#missing = null;
  }

  #push(line: Line): void {
    this.#lines.push(line);
    this.#bytes += line.bytes;
  }
}

function markOf(missing: Pick<Line, 'number' | 'steps' | 'at'>): Line {
  const text = `${gapMark(missing)}\n`;
  return { ...missing, text, bytes: text.length, isMark: true };
}
