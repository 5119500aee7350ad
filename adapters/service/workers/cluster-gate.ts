import cluster from 'node:cluster';
import { EventEmitter } from 'node:events';
import { fileURLToPath } from 'node:url';
import { duration, type StepRecord } from '../../../machines/index.js';
import type { LoadedConfig } from '../../config/index.js';
import { type Endpoint, formatEndpoint } from '../../net/transports/endpoint.js';
import { toError } from '../../runtime/errors.js';
import type {
  GateCounts,
  GateView,
  ServerEvents,
  ServerSession,
  SessionInfo,
} from '../../server/index.js';
import { probedMax } from '../../server/name-policy.js';
import type { RunningGate } from '../gate.js';
import type { Log } from '../log.js';
import { opened } from '../opened.js';
import { addCounts, noCounts, withoutConnections } from './counts.js';
import { Heartbeats } from './heartbeats.js';
import {
  type Batch,
  deserializeError,
  type FromWorker,
  type ToldEvent,
  type ToWorker,
} from './messages.js';
import { OldRecordings } from './old-recordings.js';
import { Names, RemoteSession } from './sessions.js';
import {
  WorkerDiedError,
  type WorkerNews,
  WorkerProcess,
  WorkerStartError,
} from './worker-process.js';

const program = fileURLToPath(new URL('./worker.js', import.meta.url));
/** Milliseconds until a worker is started again that could not be, or died soon after it; they double up to the second. */
const [firstDelay, longestDelay] = [100, 5_000];
/** Milliseconds after which a worker that dies has not died at once. */
const settled = 10_000;
/** Milliseconds from the end of the drain until a worker that still runs is killed. */
const killDelay = 5_000;
/** Milliseconds in which the same line of several workers is one. */
const sameLine = 2_000;

/**
 * The gates of several processes, seen as one. The workers have the sockets; this process knows their sessions, tells each of them what
 * the others count, gives names to one of those that claim them, and puts another in the place of one that dies.
 */
export class ClusterGate extends EventEmitter<ServerEvents> implements GateView, RunningGate {
  readonly #log: Pick<Log, 'info' | 'error' | 'once'>;
  readonly #size: number;
  /** All that have a process, those that start included, by their ids. */
  readonly #workers = new Map<number, WorkerProcess>();
  readonly #sessions = new Map<string, RemoteSession>();
  readonly #names = new Names();
  #roomRequests = 0;
  readonly #told = new Map<string, number>();
  readonly #oldRecordings: OldRecordings;
  readonly #heartbeats: Heartbeats;
  #loaded: LoadedConfig;
  /** Number of the configuration in force. */
  #generation = 1;
  #endpoints: readonly Endpoint[] = [];
  /** What workers had counted that have died. */
  #past = noCounts();
  #pastRecorded = { steps: 0, dropped: 0 };
  #deaths = 0;
  /** Why a worker is missing that could not be started. */
  #startError: WorkerStartError | null = null;
  #retries = new Set<NodeJS.Timeout>();
  #closing: Promise<void> | null = null;

  /** @throws the first worker's error when it cannot be opened; no worker is left then. */
  static open(loaded: LoadedConfig, workers: number, log: Log): Promise<ClusterGate> {
    const gate = new ClusterGate(loaded, workers, log);
    const start = () => Promise.all(Array.from({ length: workers }, () => gate.#start(0)));
    return opened(gate, start);
  }

  private constructor(loaded: LoadedConfig, workers: number, log: Log) {
    super();
    this.#loaded = loaded;
    this.#size = workers;
    this.#log = log;
    this.#oldRecordings = new OldRecordings(
      loaded.config,
      () => this.#running.flatMap(({ recorded }) => recorded?.path ?? []),
      (error) =>
        log.once('old recordings', `old recordings are not removed: ${error.message}`, {
          event: 'problem',
        }),
    );
    this.#heartbeats = new Heartbeats((one, silence) =>
      this.#kill(one, `${one.isOpen ? 'no heartbeat for' : 'not open after'} ${duration(silence)}`),
    );
    cluster.setupPrimary({ exec: program, args: [], serialization: 'advanced' });
  }

  get view(): this {
    return this;
  }

  get endpoints(): readonly Endpoint[] {
    return this.#endpoints;
  }

  get isClosing(): boolean {
    return this.#closing !== null;
  }

  /** Whether a live worker is overloaded. */
  get isOverloaded(): boolean {
    return this.#live.some(({ isOverloaded }) => isOverloaded);
  }

  get workers(): NonNullable<GateView['workers']> {
    return {
      wanted: this.#size,
      running: this.#running.length,
      live: this.#live.length,
      deaths: this.#deaths,
      startError: this.#startError?.reason ?? null,
    };
  }

  /** Those that listen. */
  get #running(): WorkerProcess[] {
    return [...this.#workers.values()].filter(({ isOpen }) => isOpen);
  }

  get #live(): WorkerProcess[] {
    return this.#running.filter((one) => this.#heartbeats.isLive(one));
  }

  get recorder() {
    if (this.#loaded.config.record === undefined) return null;
    return {
      counts: () => {
        const sum = { ...this.#pastRecorded };
        for (const { recorded } of this.#running) {
          sum.steps += recorded?.steps ?? 0;
          sum.dropped += recorded?.dropped ?? 0;
        }
        return sum;
      },
    };
  }

  sessions(): SessionInfo[] {
    return [...this.#sessions.values()].map((session) => session.info());
  }

  session(id: string): ServerSession | undefined {
    return this.#sessions.get(id);
  }

  counts(): GateCounts {
    return this.#running.reduce((sum, { counts }) => addCounts(sum, counts), this.#past);
  }

  /**
   * Puts another configuration in force in all workers. One is asked before the others. A worker that starts meanwhile gets it too, and is
   * not waited for; one that cannot use what the first could is asked again after its next heartbeat.
   * @throws what the first says that cannot use it; then nothing has changed.
   */
  async reconfigure(loaded: LoadedConfig, rereadList: boolean): Promise<void> {
    const generation = this.#generation + 1;
    for (const one of this.#running) {
      const error = await one.reconfigure({ loaded, generation, rereadList });
      if (!error) break;
      if (!(error instanceof WorkerDiedError)) throw error;
    }
    this.#loaded = loaded;
    this.#generation = generation;
    const behind = [...this.#workers.values()].filter(
      (one) => one.listen !== null && one.generation < generation,
    );
    const updates = behind.map((one) => ({ one, done: this.#update(one, rereadList) }));
    await Promise.all(updates.filter(({ one }) => one.isOpen).map(({ done }) => done));
  }

  /** Sends a worker the newest configuration. */
  async #update(one: WorkerProcess, rereadList: boolean): Promise<void> {
    const [loaded, generation] = [this.#loaded, this.#generation];
    const error = await one.reconfigure({ loaded, generation, rereadList });
    if (!error || error instanceof WorkerDiedError) return;
    this.#log.once(
      `configuration of ${one.name}`,
      `${one.name} has an old configuration: ${error.message}`,
      { event: 'worker-not-reloaded', worker: one.pid },
    );
  }

  drain(): Promise<void> {
    this.#closing ??= this.#drain();
    return this.#closing;
  }

  /** Disconnects who is left, and ends the workers. */
  async close(): Promise<void> {
    const drained = this.drain();
    for (const one of this.#running) one.say({ type: 'drain' });
    await drained;
  }

  async #drain(): Promise<void> {
    this.#oldRecordings.close();
    for (const retry of this.#retries) clearTimeout(retry);
    await Promise.all(
      [...this.#workers.values()].map(async (one) => {
        if (one.isOpen) one.say({ type: 'drain' });
        else one.kill();
        const kill = () => this.#kill(one, 'it still runs after the drain');
        const timer = setTimeout(kill, this.#loaded.config.drain + killDelay);
        await one.ended;
        clearTimeout(timer);
      }),
    );
    this.#heartbeats.close();
  }

  #kill(one: WorkerProcess, why: string): void {
    this.#log.error(`${one.name} is killed: ${why}`, {
      event: 'worker-killed',
      worker: one.pid,
      why,
    });
    one.kill();
  }

  /** Resolves when a new worker listens. @param delay milliseconds that this start was put off */
  async #start(delay: number): Promise<void> {
    const one = forked(delay);
    this.#workers.set(one.id, one);
    this.#heartbeats.started(one);
    await one.start({
      ready: () => this.#open(one),
      opened: ({ endpoints }) => this.#opened(one, endpoints),
      news: (message) => this.#hear(one, message),
      heard: () => this.#heartbeats.heard(one),
      problem: (error) => this.emit('problem', error),
      ended: (why, wasOpen) => this.#ended(one, why, wasOpen),
    });
  }

  /** Tells a new worker what to open. */
  #open(one: WorkerProcess): void {
    one.listen = this.#listenOf(one);
    const { config } = this.#loaded;
    const loaded = { ...this.#loaded, config: { ...config, listen: [...one.listen] } };
    const changes = [...this.#workers.values()].flatMap(({ ledger }) => ledger.entered());
    const generation = this.#generation;
    one.generation = generation;
    one.say({ type: 'open', loaded, generation, steps: this.#readsSteps, changes });
  }

  /**
   * Where a new worker listens. It shares the sockets of the others, and Node finds those by what they were asked for, port 0 too. Where
   * there are none any more, the same ports are opened again.
   */
  #listenOf(one: WorkerProcess): readonly Endpoint[] {
    const others = [...this.#workers.values()].filter((other) => other !== one);
    const shared = others.find(({ listen }) => listen !== null)?.listen;
    if (shared) return shared;
    if (this.#endpoints.length > 0) return this.#endpoints;
    return this.#loaded.config.listen;
  }

  /** @returns why the worker cannot be used: the sockets it was to share had been closed, and the system chose other ports. */
  #opened(one: WorkerProcess, endpoints: readonly Endpoint[]): Error | null {
    if (this.#endpoints.length === 0) this.#endpoints = endpoints;
    const [wanted, given] = [this.#endpoints, endpoints].map((all) =>
      all.map(formatEndpoint).join(', '),
    );
    if (wanted === given) this.#heartbeats.opened(one);
    return wanted === given ? null : new Error(`it listens on ${given}, not ${wanted}`);
  }

  /** The page shows them; nobody else here reads steps. */
  get #readsSteps(): boolean {
    const { admin, stately } = this.#loaded.config;
    return admin !== null || stately;
  }

  #hear(one: WorkerProcess, message: WorkerNews): void {
    switch (message.type) {
      case 'batch':
        this.#take(one, message);
        break;
      case 'claim':
        void this.#claim(one, message);
        break;
      case 'madeRoom':
        one.makingRoom.get(message.id)?.();
        one.makingRoom.delete(message.id);
        break;
      case 'reconfigured':
        one.reconfigured(message.generation, message.error && deserializeError(message.error));
        break;
      case 'log':
        this.#logLine(message.severity, message.what);
        break;
      case 'heartbeat':
        this.#compare(one, message.generation);
        break;
      case 'drained':
        break;
    }
  }

  /** A worker whose configuration is not the newest gets that. */
  #compare(one: WorkerProcess, generation: number): void {
    if (!one.isOpen || one.isReconfiguring || this.#closing) return;
    one.generation = generation;
    if (generation < this.#generation) void this.#update(one, true);
  }

  async #claim(one: WorkerProcess, claim: Extract<FromWorker, { type: 'claim' }>): Promise<void> {
    const { id, session, clientName, cap } = claim;
    let granted = this.#names.claim(session, clientName, cap, one.id);
    if (!granted) {
      one.claims.set(session, id);
      const hasAsked = await this.#makeRoom(clientName);
      // A session that has ended meanwhile, alone or with its worker, would hold the name for ever.
      const isThere = one.isOpen && one.claims.get(session) === id;
      if (isThere) one.claims.delete(session);
      granted = hasAsked && isThere && this.#names.claim(session, clientName, cap, one.id);
    }
    one.say({ type: 'claimed', id, granted });
  }

  /** Has the workers replace sessions of a name by the policy. @returns whether they were asked */
  async #makeRoom(clientName: string): Promise<boolean> {
    const { namePolicy } = this.#loaded.config;
    if (namePolicy === 'reject') return false;
    const holders = this.#names.of(clientName);
    const asked = namePolicy === 'takeover' ? holders.slice(0, 1) : holders.slice(0, probedMax);
    await Promise.all(
      this.#running.map((one) => {
        // Not by #sessions: a name is held before its session is told of.
        const there = asked.filter(({ worker }) => worker === one.id);
        const sessions = there.map(({ session }) => session);
        return there.length === 0 ? null : this.#makeRoomAt(one, sessions);
      }),
    );
    return true;
  }

  /** Resolves when the worker has done it, or has died. */
  #makeRoomAt(one: WorkerProcess, sessions: readonly string[]): Promise<void> {
    this.#roomRequests += 1;
    const id = this.#roomRequests;
    return new Promise((resolve) => {
      one.makingRoom.set(id, resolve);
      one.say({ type: 'makeRoom', id, sessions });
    });
  }

  #take(one: WorkerProcess, batch: Batch): void {
    const { ledger } = one;
    ledger.add(batch.changes);
    // Its Admission counts those of the others too.
    const { open, unregistered } = ledger;
    one.counts = { ...batch.counts, open, unregistered };
    one.isOverloaded = batch.isOverloaded;
    one.recorded = batch.recorded;
    if (batch.changes.length > 0) this.#tellOthers(one, batch.changes);
    if (batch.untold > 0) {
      this.#log.once(
        'untold',
        `the page does not have all steps: ${batch.untold} of ${one.name} came faster than they can be taken`,
        { event: 'steps-untold', steps: batch.untold },
      );
    }
    // Whoever hears of an event may ask for more than the event tells.
    for (const info of batch.sessions) this.#sessions.get(info.id)?.update(info);
    for (const event of batch.events) this.#happened(one, event);
    // As they are now, and not as they were when they came.
    for (const info of batch.sessions) this.#sessions.get(info.id)?.update(info);
  }

  #happened(one: WorkerProcess, [name, ...told]: ToldEvent): void {
    const what = told.map(heardOf);
    const [first] = what as [SessionInfo & StepRecord];
    if (name === 'connected') {
      const ask = (session: string, asked: Extract<ToWorker, { type: 'session' }>['ask']) =>
        one.say({ type: 'session', session, ask: asked });
      this.#sessions.set(first.id, new RemoteSession(one.id, first, ask));
    } else if (name === 'registered') this.#names.hold(first.id, first.clientName ?? '', one.id);
    else if (name === 'disconnected') {
      this.#sessions.delete(first.id);
      this.#names.release(first.id);
      one.claims.delete(first.id);
    } else if (name === 'step') this.#sessions.get(first.session)?.stepped(first);
    (this as EventEmitter).emit(name, ...what);
  }

  #tellOthers(one: WorkerProcess, changes: Batch['changes']): void {
    for (const other of this.#workers.values()) {
      if (other !== one && other.listen !== null) other.say({ type: 'changes', changes });
    }
  }

  #ended(one: WorkerProcess, why: string, wasOpen: boolean): void {
    this.#heartbeats.ended(one);
    this.#workers.delete(one.id);
    const { counts, recorded } = one;
    this.#past = addCounts(this.#past, withoutConnections(counts));
    this.#pastRecorded.steps += recorded?.steps ?? 0;
    this.#pastRecorded.dropped += recorded?.dropped ?? 0;
    if (this.#closing) return;
    this.#tellOthers(one, one.ledger.gone());
    const lost = this.#lose(one);
    if (!wasOpen) return;
    this.#deaths += 1;
    this.#log.error(
      `${one.name} died: ${why}. ${lost} ${lost === 1 ? 'session is' : 'sessions are'} lost; another takes its place`,
      { event: 'worker-died', worker: one.pid, why, sessions: lost },
    );
    const soon = performance.now() - one.startedAt < settled;
    this.#replace(soon ? longer(one.delay) : 0);
  }

  /** @returns how many sessions went with it. */
  #lose({ id, name }: WorkerProcess): number {
    this.#names.releaseAll(id);
    const lost = [...this.#sessions.values()].filter(({ worker }) => worker === id);
    for (const session of lost) {
      this.#sessions.delete(session.id);
      this.emit('disconnected', session.info(), 'transport-error', new WorkerDiedError(name));
    }
    return lost.length;
  }

  #replace(delay: number): void {
    const retry = setTimeout(() => {
      this.#retries.delete(retry);
      this.#start(delay).then(
        () => this.#replaced(),
        (error: unknown) => this.#notReplaced(toError(error), delay),
      );
    }, delay);
    this.#retries.add(retry);
  }

  #replaced(): void {
    if (this.#closing) return;
    const { wanted, running, deaths } = this.workers;
    if (running === wanted) this.#startError = null;
    this.#log.info('a worker is back', { event: 'worker-started', wanted, running, deaths });
  }

  #notReplaced(error: Error, delay: number): void {
    if (this.#closing) return;
    const problem = error instanceof WorkerStartError ? error : new WorkerStartError(error);
    this.#startError = problem;
    this.#log.once('worker', problem.message, {
      event: 'worker-not-started',
      code: problem.code,
      reason: problem.reason,
    });
    this.#replace(longer(delay));
  }

  /** What each of the workers says, of a file that all of them read, is said once. */
  #logLine(severity: 'info' | 'error' | 'once', what: readonly [string, ...unknown[]]): void {
    const text = JSON.stringify(what);
    const now = performance.now();
    for (const [line, at] of this.#told) if (now - at > sameLine) this.#told.delete(line);
    if (this.#told.has(text)) return;
    this.#told.set(text, now);
    (this.#log[severity] as (...line: unknown[]) => void)(...what);
  }
}

/** @throws {WorkerStartError} when the system cannot start a process. */
function forked(delay: number): WorkerProcess {
  try {
    return new WorkerProcess(delay);
  } catch (error) {
    throw new WorkerStartError(toError(error));
  }
}

/** The milliseconds of a start after one that was put off by `delay`. */
function longer(delay: number): number {
  return Math.min(longestDelay, Math.max(firstDelay, delay * 2));
}

function heardOf(what: unknown): unknown {
  if (isToldError(what)) return deserializeError(what);
  if (typeof what !== 'object' || what === null || !('error' in what)) return what;
  return isToldError(what.error) ? { ...what, error: deserializeError(what.error) } : what;
}

function isToldError(what: unknown): what is Parameters<typeof deserializeError>[0] {
  if (typeof what !== 'object' || what === null) return false;
  const keys = Object.keys(what);
  return keys.length === 2 && 'code' in what && 'message' in what;
}
