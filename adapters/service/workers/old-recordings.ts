import { basename } from 'node:path';
import type { ServeConfig } from '../../config/index.js';
import { removeOldest } from '../../recording/names.js';
import { OptionError, toError } from '../../runtime/errors.js';

/** Milliseconds between two checks of the folder. */
const interval = 10_000;

/** Removes the oldest recordings of all workers beyond the maximum. */
export class OldRecordings {
  readonly #timer: NodeJS.Timeout | null = null;

  /**
   * @param paths the files that workers are writing.
   * @throws {OptionError} when the maximum is smaller than the number of workers.
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
