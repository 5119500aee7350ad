import { createRequire } from 'node:module';
import type { SingleBar } from 'cli-progress';
import { duration } from '../../../machines/index.js';
import type { OutputStream } from '../../runtime/command-io.js';

/** The progress of long work, shown on stderr after one second. Shorter work shows nothing. */
export interface Progress {
  /** @param total the current total, when it is known. */
  at(done: number, total?: number): void;
  /** Removes the bar. */
  end(): void;
}

const require = createRequire(import.meta.url);

const shownAfter = 1_000;
const linesEvery = 10_000;

/** @param what the counted things, in the plural: `cases`, `states`. */
export function progressOf(what: string, stream: OutputStream): Progress {
  return stream.isTTY ? new Bar(what, stream) : new Lines(what, stream);
}

/** On a terminal: a bar, or a count when the total is unknown. */
class Bar implements Progress {
  readonly #startedAt = performance.now();
  readonly #what: string;
  readonly #stream: OutputStream;
  #bar: SingleBar | null = null;

  constructor(what: string, stream: OutputStream) {
    this.#what = what;
    this.#stream = stream;
  }

  at(done: number, total = 0): void {
    if (this.#bar) {
      this.#bar.setTotal(total);
      this.#bar.update(done);
    } else if (performance.now() - this.#startedAt >= shownAfter) {
      this.#bar = this.#open();
      this.#bar.start(total, done);
    }
  }

  end(): void {
    this.#bar?.stop();
  }

  #open(): SingleBar {
    // Most commands end before a bar appears, so its package is loaded late, and synchronously because the work does not wait.
    const { SingleBar: Bars } = require('cli-progress') as typeof import('cli-progress');
    return new Bars({
      stream: this.#stream as NodeJS.WriteStream,
      clearOnComplete: true,
      hideCursor: true,
      format: (_options, { value, total, eta, progress }) => {
        if (total === 0) return `${value} ${this.#what}`;
        const width = 30;
        const full = Math.round(Math.min(1, progress) * width);
        const left = Number.isFinite(eta) ? `, about ${duration(eta * 1_000)} left` : '';
        return `${'█'.repeat(full)}${'░'.repeat(width - full)} ${value} of ${total} ${this.#what}${left}`;
      },
    });
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

  at(done: number, total = 0): void {
    if (performance.now() < this.#nextAt) return;
    this.#nextAt = performance.now() + linesEvery;
    this.#stream.write(`${done}${total > 0 ? ` of ${total}` : ''} ${this.#what}\n`);
  }

  end(): void {}
}
