import { OptionError } from '../runtime/errors.js';
import { delays, wholeNumber } from '../runtime/whole-number.js';

/**
 * When steps are synced to the disk: `always`: before the response is sent; `1s`: within a second; `never`: when the system decides.
 * In all cases written steps survive a crash of the process.
 */
export type RecordSync = (typeof recordSyncs)[number];
export const recordSyncs = ['always', '1s', 'never'] as const;

export interface RecorderOptions {
  /** The folder of the files. It is created if missing; its parent must exist. */
  readonly folder: string;
  /** The name of the gate among those of its cluster, for the header of each file; without it the files have no header. */
  readonly node?: string | undefined;
  /** @default '1s' */
  readonly sync?: RecordSync | undefined;
  /** Maximum size of a file in bytes; then the next file begins, between lines; 1024 or more. @default 67108864 */
  readonly maxSize?: number | undefined;
  /** Maximum age of the first step of a file in milliseconds; then the next file begins; 1 to 2147483647. @default 3600000 */
  readonly maxAge?: number | undefined;
  /**
   * Maximum number of recordings in the folder, including the one being written; the oldest are removed, including those of other
   * processes. Processes that share a folder must not set it.
   * @default all
   */
  readonly keep?: number | undefined;
  /** Maximum backlog in bytes; steps beyond it are dropped, with a gap mark; 1024 or more. @default 16777216 */
  readonly maxWaiting?: number | undefined;
  /** Milliseconds before a new file is tried after a failure; 1 to 2147483647. @default 3000 */
  readonly retryDelay?: number | undefined;
}

/** The checked options with defaults. */
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

/** @throws {OptionError} with the option, its value and the allowed values. */
export function recorderSettings(options: RecorderOptions): RecorderSettings {
  const { folder, node, sync = '1s', keep } = options;
  if (typeof folder !== 'string' || folder === '') {
    throw new OptionError('folder', folder, 'the path of a folder');
  }
  if (node !== undefined && (typeof node !== 'string' || node === '')) {
    throw new OptionError('node', node, 'text that is not empty');
  }
  if (!recordSyncs.includes(sync)) {
    throw new OptionError('sync', sync, recordSyncs.join(', '));
  }
  return {
    folder,
    node,
    sync,
    maxSize: wholeNumber('maxSize', options.maxSize ?? 67_108_864, size),
    maxAge: wholeNumber('maxAge', options.maxAge ?? 3_600_000, delay),
    keep: keep === undefined ? undefined : wholeNumber('keep', keep, { ...size, min: 1 }),
    maxWaiting: wholeNumber('maxWaiting', options.maxWaiting ?? 16_777_216, size),
    retryDelay: wholeNumber('retryDelay', options.retryDelay ?? 3_000, delay),
  };
}
