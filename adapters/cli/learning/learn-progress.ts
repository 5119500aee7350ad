import type { LearnProgress } from '../../../machines/engine/learning/learn.js';
import type { OutputStream } from '../../runtime/command-io.js';
import { type Progress, progressOf } from '../testing/progress.js';

/** The progress of a learning: its connections, and the states of the current hypothesis. */
export class LearnProgressBar implements Disposable {
  readonly #bar: Progress;

  constructor(stream: OutputStream) {
    this.#bar = progressOf('connections', stream);
  }

  at({ phase, states, connections, words }: LearnProgress): void {
    const many = states === 1 ? '1 open state' : `${states} open states`;
    const tested = phase === 'testing' ? `, ${words} words tested` : '';
    this.#bar.at(connections, 0, `, ${many}${tested}`);
  }

  [Symbol.dispose](): void {
    this.#bar.end();
  }
}
