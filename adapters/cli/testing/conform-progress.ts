import type { OutputStream } from '../../runtime/command-io.js';
import type { ConformProgress } from '../../tester/index.js';
import { type Progress, progressOf } from './progress.js';

const counted = {
  measuring: 'timeouts measured',
  playing: 'cases',
  shrinking: 'differences shrunk',
} as const;

/** Milliseconds. A bar must appear in time although a phase may report progress late. */
const interval = 250;

/** The progress of a run, with a bar for each phase. */
export class ConformBars implements Disposable {
  readonly #stream: OutputStream;
  readonly #timer = setInterval(() => this.#show(), interval).unref();
  #now: ConformProgress | null = null;
  #bar: Progress | null = null;

  constructor(stream: OutputStream) {
    this.#stream = stream;
  }

  at(now: ConformProgress): void {
    if (now.phase !== this.#now?.phase) {
      this.#bar?.end();
      this.#bar = progressOf(counted[now.phase], this.#stream);
    }
    this.#now = now;
    this.#show();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#bar?.end();
  }

  #show(): void {
    if (this.#now) this.#bar?.at(this.#now.done, this.#now.total);
  }
}
