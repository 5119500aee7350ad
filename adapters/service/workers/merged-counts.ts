import type { GateCounts } from '../../server/index.js';
import { addCounts, noCounts, withoutConnections } from './counts.js';
import type { WorkerProcess } from './worker-process.js';

/** The counts of all workers, including those that have ended. */
export class MergedCounts {
  #past = noCounts();
  #pastRecorded = { steps: 0, dropped: 0 };

  /** Keeps the counts of a worker that has ended. */
  ended({ counts, recorded }: WorkerProcess): void {
    this.#past = addCounts(this.#past, withoutConnections(counts));
    this.#pastRecorded = addRecorded(this.#pastRecorded, recorded);
  }

  counts(running: readonly WorkerProcess[]): GateCounts {
    return running.reduce((sum, { counts }) => addCounts(sum, counts), this.#past);
  }

  recorded(running: readonly WorkerProcess[]): RecordedCounts {
    return running.reduce((sum, { recorded }) => addRecorded(sum, recorded), this.#pastRecorded);
  }
}

/** Counts of the recorders. */
export interface RecordedCounts {
  readonly steps: number;
  readonly dropped: number;
}

function addRecorded(sum: RecordedCounts, more: RecordedCounts | null) {
  return {
    steps: sum.steps + (more?.steps ?? 0),
    dropped: sum.dropped + (more?.dropped ?? 0),
  };
}
