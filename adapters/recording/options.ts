import { OptionError } from '../runtime/errors.js';
import { delays, wholeNumber } from '../runtime/whole-number.js';

/**
 * When the steps in a file outlive the machine: `always`: before an answer leaves; `1s`: within a second; `never`: when the
 * system sees fit. Whatever it is, they outlive the process once they are written.
 */
export type RecordSync = (typeof recordSyncs)[number];
export const recordSyncs = ['always', '1s', 'never'] as const;

export interface RecorderOptions {
  /** Where the files go. It is created when it is not there; the folder it is in must be. */
  readonly folder: string;
  /** @default '1s' */
  readonly sync?: RecordSync | undefined;
  /** Bytes after which a file is finished and the next one begun, between lines; 1024 or more. @default 67108864 */
  readonly maxSize?: number | undefined;
  /** Milliseconds after its first step that a file is finished; 1 to 2147483647. @default 3600000 */
  readonly maxAge?: number | undefined;
  /**
   * How many recordings stay in the folder, the one being written among them; the oldest are removed, including those of other processes. Processes
   * that share a folder must not give it.
   * @default all
   */
  readonly keep?: number | undefined;
  /** Bytes of steps that may wait to be written; more are left out, with a gap mark; 1024 or more. @default 16777216 */
  readonly maxWaiting?: number | undefined;
  /** Milliseconds until a new file is tried after one that failed; 1 to 2147483647. @default 3000 */
  readonly retryDelay?: number | undefined;
}

/** The options with every default in place and every value checked. */
export type RecorderSettings = {
  readonly [Key in keyof RecorderOptions]-?: RecorderOptions[Key];
} & {
  readonly sync: RecordSync;
  readonly maxSize: number;
  readonly maxAge: number;
  readonly maxWaiting: number;
  readonly retryDelay: number;
};

const max = Number.MAX_SAFE_INTEGER;
const size = { min: 1_024, max, unit: '' };
const delay = { ...delays, unit: '' };

/** @throws {OptionError} naming the option, its value and what is allowed. */
export function recorderSettings(options: RecorderOptions): RecorderSettings {
  const { folder, sync = '1s', keep } = options;
  if (typeof folder !== 'string' || folder === '') {
    throw new OptionError('folder', folder, 'the path of a folder');
  }
  if (!recordSyncs.includes(sync)) {
    throw new OptionError('sync', sync, recordSyncs.join(', '));
  }
  return {
    folder,
    sync,
    maxSize: wholeNumber('maxSize', options.maxSize ?? 67_108_864, size),
    maxAge: wholeNumber('maxAge', options.maxAge ?? 3_600_000, delay),
    keep: keep === undefined ? undefined : wholeNumber('keep', keep, { ...size, min: 1 }),
    maxWaiting: wholeNumber('maxWaiting', options.maxWaiting ?? 16_777_216, size),
    retryDelay: wholeNumber('retryDelay', options.retryDelay ?? 3_000, delay),
  };
}
