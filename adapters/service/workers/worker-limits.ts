import { OwnCounts } from '../../directory/limits/own-counts.js';
import { ignoreSharedLimits, SharedLimits } from '../../directory/limits/shared-limits.js';
import type { SourceChange } from '../../directory/limits/source-changes.js';
import type { DirectoryMember, MemberState } from '../../directory/member.js';
import type { ListedPenalty } from '../../server/limits/index.js';
import type { ToWorker } from './messages.js';
import type { WorkerProcess } from './worker-process.js';

/** What shared limits need of a gate with workers. */
export interface WorkerLimitsHost {
  /** Sends to all workers, starting ones too. */
  sendToAll(message: ToWorker): void;
  penalties(): Promise<ListedPenalty[]>;
  problem(error: Error): void;
}

/** Shares what the workers of this gate count with the other gates of its cluster, and tells the workers what those count. */
export class WorkerLimits {
  readonly #host: WorkerLimitsHost;
  readonly #byWorker = new Map<WorkerProcess, OwnCounts>();
  #limits: SharedLimits | null = null;

  constructor(host: WorkerLimitsHost) {
    this.#host = host;
  }

  /** What the other gates count. */
  get others(): SourceChange[] {
    return this.#limits?.others ?? [];
  }

  /** @param areShared whether limits are shared with the other gates */
  open(member: DirectoryMember, areShared: boolean): void {
    if (!areShared) {
      ignoreSharedLimits(member);
      return;
    }
    const host = this.#host;
    this.#limits = new SharedLimits({
      member,
      host: {
        countOthers: (changes) => host.sendToAll({ type: 'others', changes, penalties: [] }),
        learnPenalties: (penalties) => host.sendToAll({ type: 'others', changes: [], penalties }),
        penalties: () => host.penalties(),
        problem: (error) => host.problem(error),
      },
    });
  }

  memberChanged(state: MemberState): void {
    this.#limits?.memberChanged(state);
  }

  /** A worker has counted something. */
  counted(worker: WorkerProcess, changes: readonly SourceChange[]): void {
    if (!this.#limits || changes.length === 0) return;
    const counts = this.#byWorker.get(worker) ?? new OwnCounts();
    this.#byWorker.set(worker, counts);
    for (const change of changes) {
      counts.add(change);
      this.#limits.counted(change);
    }
  }

  /** The connections of the worker are gone. */
  ended(worker: WorkerProcess): void {
    for (const change of this.#byWorker.get(worker)?.gone() ?? []) this.#limits?.counted(change);
    this.#byWorker.delete(worker);
  }

  async close(): Promise<void> {
    await this.#limits?.close();
  }
}
