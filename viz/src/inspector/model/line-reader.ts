/** Reads lines about apps in slices, so that the page stays usable while many arrive. */
import { type HeldLimits, heldLimits } from '../../../../machines/engine/inspection/limits.js';
import { ToldApps } from '../../../../machines/engine/inspection/lines.js';

/** Lines between two looks at the clock. */
const linesPerLook = 16;

export class LineReader {
  readonly apps: ToldApps;
  /** Numbers of lines: all that were read, and those among them that are not lines about apps. */
  readonly counts = { lines: 0, unread: 0 };
  /** Characters that wait. */
  waiting = 0;
  /** Texts of complete lines; read ones at the start are empty. */
  #texts: string[] = [];
  #next = 0;
  /** Offset in the first waiting text. */
  #place = 0;

  constructor(limits: HeldLimits = heldLimits) {
    this.apps = new ToldApps(limits);
  }

  /** @param text complete lines, separated by line ends */
  add(text: string): void {
    this.#texts.push(text);
    this.waiting += text.length;
  }

  /**
   * Reads lines until a time.
   * @param until by `performance.now()`
   * @returns whether no line waits
   */
  read(until: number): boolean {
    for (let count = 1; this.#next < this.#texts.length; count += 1) {
      this.#take(this.#nextLine());
      if (count % linesPerLook === 0 && performance.now() >= until) return false;
    }
    return true;
  }

  #take(line: string): void {
    if (line.trim() === '') return;
    this.counts.lines += 1;
    if (!this.apps.take(line)) this.counts.unread += 1;
  }

  #nextLine(): string {
    const text = this.#texts[this.#next] ?? '';
    const end = text.indexOf('\n', this.#place);
    const line = text.slice(this.#place, end === -1 ? undefined : end);
    this.#place = end === -1 ? text.length : end + 1;
    if (this.#place < text.length) return line;
    this.waiting -= text.length;
    this.#texts[this.#next] = '';
    this.#next += 1;
    this.#place = 0;
    if (this.#next === this.#texts.length || this.#next > 1_024) {
      this.#texts = this.#texts.slice(this.#next);
      this.#next = 0;
    }
    return line;
  }
}
