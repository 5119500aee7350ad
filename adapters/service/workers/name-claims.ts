import type { ServeConfig } from '../../config/index.js';
import { DirectoryMember, type MemberHost, type MemberState } from '../../directory/member.js';
import { MemoryDirectory, MemoryStore } from '../../directory/memory-directory.js';
import { type DirectoryOptions, directorySettings, joinCluster } from '../../directory/options.js';
import type { FromWorker, ToWorker } from './messages.js';
import type { WorkerProcess } from './worker-process.js';

/** What the claims of a gate need of it. */
export interface NameClaimsHost {
  running(): readonly WorkerProcess[];
  policy(): ServeConfig['namePolicy'];
  changed(state: MemberState): void;
  problem(error: Error): void;
}

/**
 * Claims the names of the sessions in all workers from a directory: from that of the cluster, or from one in memory. The directory may take
 * a name from a session, or ask for room; the worker of the session does it.
 */
export class NameClaims {
  readonly #host: NameClaimsHost;
  /** The names that sessions hold, and their workers. */
  readonly #held = new Map<
    string,
    { readonly clientName: string; readonly worker: WorkerProcess }
  >();
  /** Sessions that their workers are ending. */
  readonly #ending = new Set<Promise<void>>();
  #member: DirectoryMember | null = null;
  #requests = 0;

  constructor(host: NameClaimsHost) {
    this.#host = host;
  }

  /** Its membership; null until it is open. */
  get member(): DirectoryMember | null {
    return this.#member;
  }

  /** @throws {DirectoryError} */
  async open(directory: DirectoryOptions | null): Promise<void> {
    const host: MemberHost = {
      end: (session, reason) => this.#end(session, reason),
      makeRoom: (sessions) => this.#makeRoom(sessions),
      problem: (error) => this.#host.problem(error),
    };
    if (directory === null) {
      const memory = new MemoryDirectory(new MemoryStore({ lease: Number.POSITIVE_INFINITY }));
      this.#member = await DirectoryMember.open({ directory: memory, node: 'workers', host });
      return;
    }
    this.#member = await joinCluster(directorySettings(directory), host);
    this.#member.onChange = (state) => this.#host.changed(state);
  }

  /** Answers the claim of a worker. */
  async claim(
    worker: WorkerProcess,
    { id, session, clientName, cap }: Extract<FromWorker, { type: 'claim' }>,
  ): Promise<void> {
    const member = this.#member;
    const policy = this.#host.policy();
    if (!member || policy === 'allow') {
      worker.send({ type: 'claimed', id, outcome: { granted: true, epoch: null } });
      return;
    }
    this.#held.set(session, { clientName, worker });
    const outcome = await member.claim({ session, clientName, cap, policy });
    // One session at a time: a replaced one is over before the new one is registered.
    await Promise.all(this.#ending);
    // A worker that has ended has lost all its sessions.
    const isHeld = this.#held.get(session)?.worker === worker;
    if (outcome.granted && !isHeld) member.release({ session, clientName });
    if (!outcome.granted && isHeld) this.#held.delete(session);
    worker.send({ type: 'claimed', id, outcome });
  }

  /** The session is over, or does not want its name. */
  release(session: string): void {
    const held = this.#held.get(session);
    if (!held) return;
    this.#held.delete(session);
    this.#member?.release({ session, clientName: held.clientName });
  }

  /** The worker has ended. */
  releaseAll(worker: WorkerProcess): void {
    for (const [session, held] of [...this.#held])
      if (held.worker === worker) this.release(session);
  }

  async close(): Promise<void> {
    await this.#member?.close();
  }

  #end(session: string, reason: 'replaced' | 'directory-lost'): void {
    const worker = this.#held.get(session)?.worker;
    this.#held.delete(session);
    if (!worker?.isOpen) return;
    const ended = this.#ask(worker, (id) => ({ type: 'end-session', id, session, reason }));
    this.#ending.add(ended);
    void ended.then(() => this.#ending.delete(ended));
  }

  /** Has the workers replace those of these sessions that do not answer. */
  async #makeRoom(sessions: readonly string[]): Promise<void> {
    await Promise.all(
      this.#host.running().map((worker) => {
        const there = sessions.filter((session) => this.#held.get(session)?.worker === worker);
        if (there.length === 0) return null;
        return this.#ask(worker, (id) => ({ type: 'make-room', id, sessions: there }));
      }),
    );
  }

  /** Resolves when the worker has done it, or has died. */
  #ask(worker: WorkerProcess, message: (id: number) => ToWorker): Promise<void> {
    this.#requests += 1;
    const id = this.#requests;
    return new Promise((resolve) => {
      worker.waiting.set(id, resolve);
      worker.send(message(id));
    });
  }
}
