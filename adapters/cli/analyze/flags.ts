import type { FilterFlags } from './filters.js';
import type { ReadingFlags } from './reading.js';

/** The options of `ixgate analyze`, as commander parses them. */
export interface AnalyzeFlags extends FilterFlags, ReadingFlags {
  readonly session?: string;
  readonly summary?: boolean;
  readonly findings?: boolean;
  readonly record?: string;
  readonly open?: boolean;
  readonly force?: boolean;
  readonly strict?: boolean;
}
