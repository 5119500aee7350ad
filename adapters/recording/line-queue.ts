import { gapMark } from '../../machines/index.js';

/** A line of a recording that waits to be written. */
export interface Line {
  /** With its line end. */
  readonly text: string;
  readonly bytes: number;
  /** The number of the last step that it stands for; steps are numbered as they come. */
  readonly number: number;
  /** How many steps it stands for: 1, or those that a gap mark says are missing. */
  readonly steps: number;
  readonly isMark: boolean;
  /** When they happened, or the first of them: wall clock, milliseconds since 1970. */
  readonly at: number;
}

/**
 * Lines in the order in which they are to be written, bounded in bytes. What does not fit is left out until half of the room
 * is free again, and a gap mark stands in its place.
 */
export class LineQueue {
  readonly #most: number;
  #lines: Line[] = [];
  #bytes = 0;
  #missing: Pick<Line, 'number' | 'steps' | 'at'> | null = null;

  /** @param most bytes; gap marks come on top. */
  constructor(most: number) {
    this.#most = most;
  }

  get isEmpty(): boolean {
    return this.#lines.length === 0;
  }

  /** The line that is to be written next. */
  get next(): Line | undefined {
    return this.#lines[0];
  }

  /** How many steps wait; those that a gap mark stands for do not. */
  get steps(): number {
    return this.#lines.filter(({ isMark }) => !isMark).length;
  }

  /**
   * Takes a line, or what can be no line.
   * @returns whether there was room; if not, it counts as missing.
   */
  add(line: Line | Pick<Line, 'number' | 'at'>): boolean {
    if (this.#missing === null && 'text' in line && this.#bytes + line.bytes <= this.#most) {
      this.#push(line);
      return true;
    }
    const { number, at } = line;
    this.#missing = { at, ...this.#missing, number, steps: (this.#missing?.steps ?? 0) + 1 };
    this.#settle();
    return false;
  }

  /** Puts a gap mark before everything that waits. */
  markLost(lost: Pick<Line, 'number' | 'steps' | 'at'>): void {
    const line = markOf(lost);
    this.#lines.unshift(line);
    this.#bytes += line.bytes;
  }

  /** The first lines that are `most` bytes together, or less, but `least` of them. They stay until they are `written`. */
  first(most: number, least = 0): readonly Line[] {
    let bytes = 0;
    const end = this.#lines.findIndex((line, index) => {
      bytes += line.bytes;
      return bytes > most && index >= least;
    });
    return end === -1 ? [...this.#lines] : this.#lines.slice(0, end);
  }

  /** Takes the first `count` lines out: they are in a file. */
  written(count: number): void {
    const lines = this.#lines.splice(0, count);
    this.#bytes -= lines.reduce((sum, { bytes }) => sum + bytes, 0);
    this.#settle();
  }

  /** Ends a gap when half of the room is free. */
  #settle(): void {
    if (this.#missing === null || this.#bytes > this.#most / 2) return;
    this.#push(markOf(this.#missing));
    this.#missing = null;
  }

  /** Ends a gap whatever the room: nothing comes any more. */
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
