import type { EventEmitter } from 'node:events';
import type { SeatDelays } from '../../../machines/registration/chart/seat.js';
import type { StepRecord } from '../../../machines/registration/session/step.js';
import type { LoadedConfig } from '../../config/index.js';
import type { DirectoryMember } from '../../directory/member.js';
import type { Endpoint } from '../../net/transports/endpoint.js';
import { GateEmitter } from '../../server/events.js';
import type { DirectoryStatus } from '../../server/gate-view.js';
import type {
  GateCounts,
  GateView,
  SessionInfo,
  SessionView,
  ViewEvents,
} from '../../server/index.js';
import type { Ban, Bans, ListedPenalty } from '../../server/limits/index.js';
import { directoryStatus } from '../../server/shared-names.js';
import type { Log } from '../log.js';
import { RemoteSession } from '../mirror/remote-session.js';
import {
  deserializeArgument,
  deserializeError,
  type SerializedEvent,
} from '../mirror/serialized.js';
import { opened } from '../opened.js';
import type { RunningGate } from '../running-gate.js';
import { Decisions } from './decisions.js';
import { MergedCounts } from './merged-counts.js';
import type { Batch } from './messages.js';
import { NameClaims } from './name-claims.js';
import { OldRecordings } from './old-recordings.js';
import { SharedLog } from './shared-log.js';
import { WorkerLimits } from './worker-limits.js';
import { WorkerPool } from './worker-pool.js';
import { WorkerDiedError, type WorkerMessage, type WorkerProcess } from './worker-process.js';

/**
 * The gates of several worker processes, seen as one. The workers own the sockets; this process knows their sessions, forwards the
 * connection counts of each worker to the others, grants names, and restarts crashed workers.
 */
export class ClusterGate extends GateEmitter<ViewEvents> implements GateView, RunningGate {
  readonly #log: Pick<Log, 'info' | 'error' | 'once'>;
  readonly #pool: WorkerPool;
  readonly #sessions = new Map<string, RemoteSession>();
  readonly #counts = new MergedCounts();
  readonly #names: NameClaims;
  readonly #limits: WorkerLimits;
  readonly #sharedLog: SharedLog;
  readonly #oldRecordings: OldRecordings;
  readonly #decisions: Decisions;
  #loaded: LoadedConfig;
  /** Number of the configuration in force. */
  #generation = 1;
  #closing: Promise<void> | null = null;

  /** @throws the error of the first worker that cannot be opened; then all workers are stopped. */
  static open(loaded: LoadedConfig, workers: number, log: Log): Promise<ClusterGate> {
    const gate = new ClusterGate(loaded, workers, log);
    return opened(gate, async () => {
      await gate.#joinCluster();
      await gate.#pool.start();
    });
  }

  private constructor(loaded: LoadedConfig, workers: number, log: Log) {
    super();
    this.#loaded = loaded;
    this.#log = log;
    this.#sharedLog = new SharedLog(log);
    this.#oldRecordings = new OldRecordings(
      loaded.config,
      () => this.#pool.running.flatMap(({ recorded }) => recorded?.path ?? []),
      (error) =>
        log.once('old recordings', `old recordings cannot be removed: ${error.message}`, {
          event: 'problem',
          code: (error as NodeJS.ErrnoException).code ?? null,
        }),
    );
    this.#pool = new WorkerPool(
      workers,
      {
        open: (worker) => this.#open(worker),
        message: (worker, message) => this.#receive(worker, message),
        ended: (worker) => this.#ended(worker),
        problem: (error) => this.emit('problem', error),
      },
      () => this.#loaded.config,
      log,
    );
    this.#decisions = new Decisions(
      () => this.#pool.all.filter(({ listen }) => listen !== null),
      () => this.#loaded.config.prefixLengths,
    );
    this.#limits = new WorkerLimits({
      sendToAll: (message) => {
        for (const worker of this.#pool.all) if (worker.listen !== null) worker.send(message);
      },
      penalties: () => this.#decisions.penalties(),
      problem: (error) => this.emit('problem', error),
    });
    this.#names = new NameClaims({
      running: () => this.#pool.running,
      policy: () => this.#loaded.config.namePolicy,
      changed: (state) => {
        this.#limits.memberChanged(state);
        this.emit('directory', state);
      },
      problem: (error) => this.emit('problem', error),
    });
  }

  async #joinCluster(): Promise<void> {
    const { directory } = this.#loaded;
    await this.#names.open(directory);
    const { member } = this.#names;
    if (directory !== null && member) this.#limits.open(member, directory.shareLimits ?? true);
  }

  get view(): this {
    return this;
  }

  get endpoints(): readonly Endpoint[] {
    return this.#pool.endpoints;
  }

  get delays(): SeatDelays {
    const { registrationTimeout, rejectionTimeout } = this.#loaded.config;
    return { registrationTimeout, rejectionTimeout };
  }

  get isClosing(): boolean {
    return this.#closing !== null;
  }

  get isDraining(): boolean {
    return this.#decisions.isDraining;
  }

  setDraining(isDraining: boolean): void {
    this.#decisions.isDraining = isDraining;
  }

  ban(source: string, duration: number | null): Ban {
    return this.#decisions.ban(source, duration);
  }

  unban(source: string): boolean {
    return this.#decisions.unban(source);
  }

  get banTable(): Bans {
    return this.#decisions.bans;
  }

  penalties(): Promise<ListedPenalty[]> {
    return this.#decisions.penalties();
  }

  clearPenalties(address: string | null): Promise<number> {
    return this.#decisions.clearPenalties(address);
  }

  /** Whether a live worker is overloaded. */
  get isOverloaded(): boolean {
    return this.#pool.live.some(({ isOverloaded }) => isOverloaded);
  }

  get workers(): NonNullable<GateView['workers']> {
    const { size, running, live, deaths, startError } = this.#pool;
    return {
      wanted: size,
      running: running.length,
      live: live.length,
      deaths,
      startError: startError?.reason ?? null,
    };
  }

  /** The gate in its cluster; null without a directory. */
  get directory(): DirectoryStatus | null {
    const { directory, config } = this.#loaded;
    const { member } = this.#names;
    return directory && member ? directoryStatus(member, config.cluster) : null;
  }

  get member(): DirectoryMember | null {
    return this.#loaded.directory ? this.#names.member : null;
  }

  get recorder(): RunningGate['recorder'] {
    if (this.#loaded.config.record === undefined) return null;
    return { counts: () => this.#counts.recorded(this.#pool.running) };
  }

  sessions(): SessionInfo[] {
    return [...this.#sessions.values()].map((session) => session.info());
  }

  session(id: string): SessionView | undefined {
    return this.#sessions.get(id);
  }

  counts(): GateCounts {
    return this.#counts.counts(this.#pool.running);
  }

  /**
   * Applies a new configuration in all workers: first in one, then in the others. A starting worker gets it too, without being waited
   * for. A worker that rejects what the first accepted is asked again after its next heartbeat.
   * @throws the error of the first worker when it rejects the configuration; then nothing changes.
   */
  async reconfigure(loaded: LoadedConfig, rereadList: boolean): Promise<void> {
    const generation = this.#generation + 1;
    for (const worker of this.#pool.running) {
      const error = await worker.reconfigure({ loaded, generation, rereadList });
      if (!error) break;
      if (!(error instanceof WorkerDiedError)) throw error;
    }
    this.#loaded = loaded;
    this.#generation = generation;
    const behind = this.#pool.all.filter(
      (worker) => worker.listen !== null && worker.generation < generation,
    );
    const updates = behind.map((worker) => ({ worker, done: this.#update(worker, rereadList) }));
    await Promise.all(updates.filter(({ worker }) => worker.isOpen).map(({ done }) => done));
  }

  drain(): Promise<void> {
    this.#closing ??= this.#drain();
    return this.#closing;
  }

  /** Disconnects the remaining clients and stops the workers. */
  async close(): Promise<void> {
    const drained = this.drain();
    for (const worker of this.#pool.running) worker.send({ type: 'drain' });
    await drained;
    await this.#limits.close();
    await this.#names.close();
  }

  #drain(): Promise<void> {
    this.#oldRecordings.close();
    return this.#pool.drain();
  }

  /** Sends the configuration to a new worker. */
  #open(worker: WorkerProcess): void {
    const { config } = this.#loaded;
    const listen = [...(worker.listen ?? config.listen)];
    const loaded = { ...this.#loaded, config: { ...config, listen } };
    const changes = this.#pool.all.flatMap(({ connections }) => connections.entered());
    const generation = this.#generation;
    worker.generation = generation;
    const decisions = this.#decisions.all();
    const { others } = this.#limits;
    const steps = this.#readsSteps;
    worker.send({ type: 'open', loaded, generation, steps, changes, others, decisions });
  }

  /** Whether steps are needed in this process: viewers read them here, also those of other gates of the cluster. */
  get #readsSteps(): boolean {
    const { directory, config } = this.#loaded;
    return config.admin !== null || config.stately || directory !== null;
  }

  /** Sends the newest configuration to a worker. */
  async #update(worker: WorkerProcess, rereadList: boolean): Promise<void> {
    const [loaded, generation] = [this.#loaded, this.#generation];
    const error = await worker.reconfigure({ loaded, generation, rereadList });
    if (!error || error instanceof WorkerDiedError) return;
    this.#log.once(
      `configuration of ${worker.name}`,
      `${worker.name} keeps an old configuration: ${error.message}`,
      { event: 'worker-reload-failed', worker: worker.pid },
    );
  }

  #receive(worker: WorkerProcess, message: WorkerMessage): void {
    switch (message.type) {
      case 'batch':
        this.#take(worker, message);
        break;
      case 'claim':
        void this.#names.claim(worker, message);
        break;
      case 'release':
        this.#names.release(message.session);
        break;
      case 'done':
        worker.waiting.get(message.id)?.();
        worker.waiting.delete(message.id);
        break;
      case 'reconfigured':
        worker.reconfigured(message.generation, message.error && deserializeError(message.error));
        break;
      case 'log':
        this.#sharedLog.write(message);
        break;
      case 'heartbeat':
        this.#compare(worker, message.generation);
        break;
      case 'penalties':
        this.#decisions.answered(message);
        break;
      case 'drained':
        break;
    }
  }

  /** Updates a worker whose configuration is not the newest. */
  #compare(worker: WorkerProcess, generation: number): void {
    if (!worker.isOpen || worker.isReconfiguring || this.#closing) return;
    worker.generation = generation;
    if (generation < this.#generation) void this.#update(worker, true);
  }

  #take(worker: WorkerProcess, batch: Batch): void {
    const { connections } = worker;
    connections.add(batch.changes);
    this.#limits.counted(worker, batch.sourceChanges);
    // The admission of a worker also counts connections of the others.
    const { open, unregistered } = connections;
    worker.counts = { ...batch.counts, open, unregistered };
    worker.isOverloaded = batch.isOverloaded;
    worker.recorded = batch.recorded;
    if (batch.changes.length > 0) this.#sendToOthers(worker, batch.changes);
    if (batch.droppedSteps > 0) {
      this.#log.once(
        'dropped steps',
        `the page lacks ${batch.droppedSteps} steps of ${worker.name}: the primary process is too slow`,
        { event: 'steps-dropped', steps: batch.droppedSteps },
      );
    }
    // Listeners of an event may read more of its session.
    for (const info of batch.sessions) this.#sessions.get(info.id)?.update(info);
    for (const event of batch.events) this.#happened(worker, event);
    // The events have older states: restore the newest.
    for (const info of batch.sessions) this.#sessions.get(info.id)?.update(info);
  }

  #happened(worker: WorkerProcess, [name, ...serialized]: SerializedEvent): void {
    const args = serialized.map(deserializeArgument);
    const [first] = args as [SessionInfo & StepRecord];
    if (name === 'step') this.#sessions.get(first.session)?.stepped(first);
    if (isSessionEvent(name)) args[0] = this.#sessionOf(worker, first);
    if (name === 'disconnected') this.#sessions.delete(first.id);
    (this as unknown as EventEmitter).emit(name, ...args);
  }

  /** A session in the state that it had at an event. */
  #sessionOf(worker: WorkerProcess, info: SessionInfo): RemoteSession {
    const session = this.#sessions.get(info.id) ?? remoteSession(worker, info);
    session.update(info);
    this.#sessions.set(info.id, session);
    return session;
  }

  #sendToOthers(worker: WorkerProcess, changes: Batch['changes']): void {
    for (const other of this.#pool.all) {
      if (other !== worker && other.listen !== null) other.send({ type: 'changes', changes });
    }
  }

  /** @returns the number of sessions that were lost with the worker. */
  #ended(worker: WorkerProcess): number {
    this.#counts.ended(worker);
    if (this.#closing) return 0;
    this.#sendToOthers(worker, worker.connections.gone());
    this.#limits.ended(worker);
    this.#names.releaseAll(worker);
    const lost = [...this.#sessions.values()].filter((session) => session.owner === worker.id);
    for (const session of lost) {
      this.#sessions.delete(session.id);
      this.emit('disconnected', session, 'transport-error', new WorkerDiedError(worker.name));
    }
    return lost.length;
  }
}

function isSessionEvent(name: string): boolean {
  return ['connected', 'registered', 'refused', 'disconnected'].includes(name);
}

function remoteSession(worker: WorkerProcess, info: SessionInfo): RemoteSession {
  return new RemoteSession(worker.id, info, (session, ask) =>
    worker.send({ type: 'session', session, ask }),
  );
}
