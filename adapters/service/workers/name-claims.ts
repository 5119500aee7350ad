import type { ServeConfig } from '../../config/index.js';
import { probedMax } from '../../server/name-policy.js';
import type { FromWorker } from './messages.js';
import { Names } from './names.js';
import type { WorkerProcess } from './worker-process.js';

/** Decides on claims of names by sessions in all workers, and has the workers make room by the name policy. */
export class NameClaims {
  readonly #names = new Names();
  readonly #running: () => readonly WorkerProcess[];
  readonly #policy: () => ServeConfig['namePolicy'];
  #roomRequests = 0;

  constructor(running: () => readonly WorkerProcess[], policy: () => ServeConfig['namePolicy']) {
    this.#running = running;
    this.#policy = policy;
  }

  /** Answers the claim of a worker. */
  async claim(
    worker: WorkerProcess,
    { id, session, clientName, cap }: Extract<FromWorker, { type: 'claim' }>,
  ): Promise<void> {
    let granted = this.#names.claim(session, clientName, cap, worker.id);
    if (!granted) {
      worker.claims.set(session, id);
      const hasAsked = await this.#makeRoom(clientName);
      // The session may have ended meanwhile, alone or with its worker: it would hold the name forever.
      const isThere = worker.isOpen && worker.claims.get(session) === id;
      if (isThere) worker.claims.delete(session);
      granted = hasAsked && isThere && this.#names.claim(session, clientName, cap, worker.id);
    }
    worker.send({ type: 'claimed', id, granted });
  }

  /** The session is registered, whatever the cap of its name. */
  hold(session: string, clientName: string, worker: WorkerProcess): void {
    this.#names.hold(session, clientName, worker.id);
  }

  /** The session has ended. */
  release(session: string, worker: WorkerProcess): void {
    this.#names.release(session);
    worker.claims.delete(session);
  }

  /** The worker has ended. */
  releaseAll(worker: WorkerProcess): void {
    this.#names.releaseAll(worker.id);
  }

  /** Has the workers replace sessions of a name by the policy. @returns whether they were asked */
  async #makeRoom(clientName: string): Promise<boolean> {
    const policy = this.#policy();
    if (policy === 'reject') return false;
    const holders = this.#names.of(clientName);
    const asked = policy === 'takeover' ? holders.slice(0, 1) : holders.slice(0, probedMax);
    await Promise.all(
      this.#running().map((worker) => {
        // Not by the known sessions: a name is held before its session is reported.
        const there = asked.filter((holder) => holder.worker === worker.id);
        const sessions = there.map(({ session }) => session);
        return there.length === 0 ? null : this.#makeRoomAt(worker, sessions);
      }),
    );
    return true;
  }

  /** Resolves when the worker has done it, or has died. */
  #makeRoomAt(worker: WorkerProcess, sessions: readonly string[]): Promise<void> {
    this.#roomRequests += 1;
    const id = this.#roomRequests;
    return new Promise((resolve) => {
      worker.makingRoom.set(id, resolve);
      worker.send({ type: 'makeRoom', id, sessions });
    });
  }
}
