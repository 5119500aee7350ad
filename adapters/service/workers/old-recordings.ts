import { basename } from 'node:path';
import type { ServeConfig } from '../../config/index.js';
import { removeOldest } from '../../recording/names.js';
import { OptionError, toError } from '../../runtime/errors.js';

/** Milliseconds between two looks at the folder. */
const interval = 10_000;

/** Keeps the recordings of all workers to as many as there may be. */
export class OldRecordings {
  readonly #timer: NodeJS.Timeout | null = null;

  /**
   * @param paths the files that are being written.
   * @throws {OptionError} when there may be fewer than the workers write at once.
   */
  constructor(
    { record, recordKeep, workers }: ServeConfig,
    paths: () => readonly string[],
    failed: (error: Error) => void,
  ) {
    if (record === undefined || recordKeep === undefined) return;
    if (recordKeep < workers) {
      throw new OptionError(
        'recordKeep',
        recordKeep,
        `${workers} or more: each of ${workers} workers writes one`,
      );
    }
    const look = () =>
      removeOldest(
        record,
        recordKeep,
        paths().map((path) => basename(path)),
      );
    this.#timer = setInterval(() => {
      look().catch((error: unknown) => failed(toError(error)));
    }, interval).unref();
  }

  close(): void {
    if (this.#timer) clearInterval(this.#timer);
  }
}
