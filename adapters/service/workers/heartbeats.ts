import type { WorkerProcess } from './worker-process.js';

/** Milliseconds between two heartbeats of a worker, and between two checks. */
export const heartbeatInterval = 1_000;
/** Milliseconds without a message after which a worker does not count as live. */
const lateAfter = 3_000;
/** Milliseconds without a message after which a worker counts as hung. */
const hungAfter = 10_000;
/** Milliseconds for a worker to open: loading the program may take long on a busy machine. */
const startLimit = 60_000;

interface Heard {
  at: number;
  isOpen: boolean;
}

/** When each worker last sent a message. Every message of an open worker counts as a heartbeat. */
export class Heartbeats {
  readonly #workers = new Map<WorkerProcess, Heard>();
  readonly #hung: (worker: WorkerProcess, silence: number) => void;
  readonly #timer: NodeJS.Timeout;
  #checkedAt = performance.now();

  /** @param hung called once for a hung worker, with the milliseconds since its last message, or since its start. */
  constructor(hung: (worker: WorkerProcess, silence: number) => void) {
    this.#hung = hung;
    this.#timer = setInterval(() => this.#check(), heartbeatInterval).unref();
  }

  started(worker: WorkerProcess): void {
    this.#workers.set(worker, { at: performance.now(), isOpen: false });
  }

  heard(worker: WorkerProcess): void {
    const heard = this.#workers.get(worker);
    if (heard?.isOpen) heard.at = performance.now();
  }

  opened(worker: WorkerProcess): void {
    this.#workers.set(worker, { at: performance.now(), isOpen: true });
  }

  ended(worker: WorkerProcess): void {
    this.#workers.delete(worker);
  }

  /** Whether the worker sent a message recently. */
  isLive(worker: WorkerProcess): boolean {
    const heard = this.#workers.get(worker);
    return heard !== undefined && performance.now() - heard.at < lateAfter;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #check(): void {
    const now = performance.now();
    const wasDelayed = now - this.#checkedAt > lateAfter;
    this.#checkedAt = now;
    for (const [worker, heard] of this.#workers) {
      // This process was stopped or busy: messages may wait to be read.
      if (wasDelayed) heard.at = now;
      const silence = now - heard.at;
      if (silence < (heard.isOpen ? hungAfter : startLimit)) continue;
      this.#workers.delete(worker);
      this.#hung(worker, silence);
    }
  }
}
