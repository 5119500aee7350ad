import { duration } from '../../../machines/text/format.js';
import type { OutputStream } from '../../runtime/command-io.js';

/** The progress of long work, shown on stderr after one second. Shorter work shows nothing. */
export interface Progress {
  /**
   * @param total the current total, when it is known.
   * @param note what else is known, shown behind the counts. @default nothing
   */
  at(done: number, total?: number, note?: string): void;
  /** Removes the bar. */
  end(): void;
}

const shownAfter = 1_000;
const linesEvery = 10_000;
const drawnEvery = 100;
const width = 30;

/** Clears the line. */
const startOfLine = '\r\u001b[2K';

/** @param what the counted things, in the plural: `cases`, `states`. */
export function progressOf(what: string, stream: OutputStream): Progress {
  return stream.isTTY ? new Bar(what, stream) : new Lines(what, stream);
}

/** On a terminal: a bar that is drawn ten times per second, or a count when the total is unknown. */
class Bar implements Progress {
  readonly #startedAt = performance.now();
  readonly #what: string;
  readonly #stream: OutputStream;
  #nextAt = this.#startedAt + shownAfter;
  #isShown = false;

  constructor(what: string, stream: OutputStream) {
    this.#what = what;
    this.#stream = stream;
  }

  at(done: number, total = 0, note = ''): void {
    const now = performance.now();
    if (now < this.#nextAt) return;
    this.#nextAt = now + drawnEvery;
    this.#stream.write(`${startOfLine}${this.#text(done, total)}${note}`);
    this.#isShown = true;
  }

  end(): void {
    if (this.#isShown) this.#stream.write(startOfLine);
    this.#isShown = false;
    this.#nextAt = Number.POSITIVE_INFINITY;
  }

  #text(done: number, total: number): string {
    if (total === 0) return `${done} ${this.#what}`;
    const full = Math.round(Math.min(1, done / total) * width);
    const elapsed = performance.now() - this.#startedAt;
    const left = done > 0 ? `, about ${duration((elapsed / done) * (total - done))} left` : '';
    return `${'█'.repeat(full)}${'░'.repeat(width - full)} ${done} of ${total} ${this.#what}${left}`;
  }
}

/** In a file or a pipe: a line every ten seconds. */
class Lines implements Progress {
  readonly #what: string;
  readonly #stream: OutputStream;
  #nextAt = performance.now() + linesEvery;

  constructor(what: string, stream: OutputStream) {
    this.#what = what;
    this.#stream = stream;
  }

  at(done: number, total = 0, note = ''): void {
    if (performance.now() < this.#nextAt) return;
    this.#nextAt = performance.now() + linesEvery;
    this.#stream.write(`${done}${total > 0 ? ` of ${total}` : ''} ${this.#what}${note}\n`);
  }

  end(): void {}
}
