import cluster, { type Worker } from 'node:cluster';
import { EventEmitter, once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { duration, type StepRecord } from '../../../machines/index.js';
import type { LoadedConfig } from '../../config/index.js';
import { IxgateError } from '../../errors.js';
import type {
  GateCounts,
  GateView,
  ServerEvents,
  ServerSession,
  SessionInfo,
} from '../../server/index.js';
import { probedMax } from '../../server/name-policy.js';
import type { Endpoint } from '../../transports/endpoint.js';
import type { RunningGate } from '../gate.js';
import type { Log } from '../log.js';
import { opened } from '../opened.js';
import { addCounts, noCounts, withoutConnections } from './counts.js';
import { Heartbeats } from './heartbeats.js';
import { Ledger } from './ledger.js';
import {
  type Batch,
  errorTold,
  type FromWorker,
  type ToldEvent,
  type ToWorker,
} from './messages.js';
import { OldRecordings } from './old-recordings.js';
import { Names, RemoteSession } from './sessions.js';

const program = fileURLToPath(new URL('./worker.js', import.meta.url));
/** Milliseconds until a worker that died soon after it was started is replaced, the first time and at most. */
const [firstDelay, longestDelay] = [100, 10_000];
/** Milliseconds after which a worker that dies has not died at once. */
const settled = 10_000;
/** Milliseconds from the end of the drain until a worker that still runs is killed. */
const killDelay = 5_000;
/** Milliseconds in which the same line of several workers is one. */
const sameLine = 2_000;

/** A worker died: its sessions are gone. */
export class WorkerDiedError extends IxgateError {
  override readonly name = 'WorkerDiedError';
  constructor(worker: string) {
    super('WORKER_DIED', `${worker} died`);
  }
}

/** A worker that listens. */
interface Running {
  readonly worker: Worker;
  readonly ledger: Ledger;
  /** Requests to make room that the worker has not answered, by their ids. */
  readonly makingRoom: Map<number, () => void>;
  readonly startedAt: number;
  counts: GateCounts;
  isOverloaded: boolean;
  recorded: Batch['recorded'];
  /** What it answers to `reconfigure`. */
  reconfigured: ((error: Error | null) => void) | null;
}

/**
 * The gates of several processes, seen as one. The workers have the sockets; this process knows their sessions, tells each of them what
 * the others count, gives names to one of those that claim them, and puts another in the place of one that dies.
 */
export class ClusterGate extends EventEmitter<ServerEvents> implements GateView, RunningGate {
  readonly #log: Pick<Log, 'info' | 'error' | 'once'>;
  readonly #size: number;
  readonly #running = new Map<number, Running>();
  readonly #sessions = new Map<string, RemoteSession>();
  readonly #names = new Names();
  #roomRequests = 0;
  readonly #told = new Map<string, number>();
  readonly #oldRecordings: OldRecordings;
  readonly #heartbeats: Heartbeats;
  #loaded: LoadedConfig;
  #endpoints: readonly Endpoint[] = [];
  /** What workers had counted that have died. */
  #past = noCounts();
  #pastRecorded = { steps: 0, missing: 0 };
  #deaths = 0;
  #delay = firstDelay;
  #retries = new Set<NodeJS.Timeout>();
  #closing: Promise<void> | null = null;

  /** @throws the first worker's error when it cannot be opened; no worker is left then. */
  static open(loaded: LoadedConfig, workers: number, log: Log): Promise<ClusterGate> {
    const gate = new ClusterGate(loaded, workers, log);
    const start = () => Promise.all(Array.from({ length: workers }, () => gate.#start()));
    return opened(gate, start);
  }

  private constructor(loaded: LoadedConfig, workers: number, log: Log) {
    super();
    this.#loaded = loaded;
    this.#size = workers;
    this.#log = log;
    this.#oldRecordings = new OldRecordings(
      loaded.config,
      () => [...this.#running.values()].flatMap(({ recorded }) => recorded?.path ?? []),
      (error) =>
        log.once('old recordings', `old recordings are not removed: ${error.message}`, {
          event: 'problem',
        }),
    );
    this.#heartbeats = new Heartbeats((worker, silence) =>
      this.#kill(worker, `no heartbeat for ${duration(silence)}`),
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

  /** Whether a live worker is overloaded, or no worker is live. */
  get isOverloaded(): boolean {
    const live = [...this.#running.values()].filter(({ worker }) =>
      this.#heartbeats.isLive(worker),
    );
    return live.length === 0 || live.some(({ isOverloaded }) => isOverloaded);
  }

  /** Workers that are to be there, those that are, and those that have died since the start. */
  get workers(): { readonly wanted: number; readonly running: number; readonly deaths: number } {
    return { wanted: this.#size, running: this.#running.size, deaths: this.#deaths };
  }

  get recorder() {
    if (this.#loaded.config.record === undefined) return null;
    return {
      counts: () => {
        const sum = { ...this.#pastRecorded };
        for (const { recorded } of this.#running.values()) {
          sum.steps += recorded?.steps ?? 0;
          sum.missing += recorded?.missing ?? 0;
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
    return [...this.#running.values()].reduce(
      (sum, { counts }) => addCounts(sum, counts),
      this.#past,
    );
  }

  /** @throws what a worker says that cannot use it. The first is asked before the others: then nothing has changed. */
  async reconfigure(loaded: LoadedConfig, anew: boolean): Promise<void> {
    const [first, ...others] = [...this.#running.values()];
    const ask = async (one: Running) => {
      // It may have died while another worker was asked.
      if (!this.#running.has(one.worker.id)) return;
      const error = await new Promise<Error | null>((resolve) => {
        one.reconfigured = resolve;
        say(one.worker, { type: 'reconfigure', loaded, anew });
      });
      one.reconfigured = null;
      if (error) throw error;
    };
    if (first) await ask(first);
    this.#loaded = loaded;
    await Promise.all(others.map(ask));
  }

  drain(): Promise<void> {
    this.#closing ??= this.#drain();
    return this.#closing;
  }

  /** Disconnects who is left, and ends the workers. */
  async close(): Promise<void> {
    const drained = this.drain();
    for (const { worker } of this.#running.values()) say(worker, { type: 'drain' });
    await drained;
  }

  async #drain(): Promise<void> {
    this.#oldRecordings.close();
    for (const retry of this.#retries) clearTimeout(retry);
    const workers = Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined);
    await Promise.all(
      workers.map(async (worker) => {
        if (worker.process.exitCode !== null || worker.process.signalCode !== null) return;
        const gone = once(worker, 'exit');
        if (this.#running.has(worker.id)) say(worker, { type: 'drain' });
        else worker.process.kill('SIGKILL');
        const kill = () => this.#kill(worker, 'it still runs after the drain');
        const timer = setTimeout(kill, this.#loaded.config.drain + killDelay);
        await gone;
        clearTimeout(timer);
      }),
    );
    this.#heartbeats.close();
  }

  #kill(worker: Worker, why: string): void {
    this.#log.error(`${nameOf(worker)} is killed: ${why}`, {
      event: 'worker-killed',
      worker: worker.process.pid ?? null,
      why,
    });
    worker.process.kill('SIGKILL');
  }

  /** Resolves when a new worker listens. */
  #start(): Promise<void> {
    const worker = cluster.fork();
    this.#heartbeats.started(worker);
    const running: Running = {
      worker,
      ledger: new Ledger(),
      startedAt: performance.now(),
      counts: noCounts(),
      isOverloaded: false,
      recorded: null,
      reconfigured: null,
      makingRoom: new Map(),
    };
    return new Promise((resolve, reject) => {
      worker.on('message', (message: FromWorker) => {
        this.#heartbeats.heard(worker);
        if (message.type === 'ready') {
          const changes = [...this.#running.values()].flatMap(({ ledger }) => ledger.entered());
          say(worker, { type: 'open', loaded: this.#loaded, steps: this.#readsSteps, changes });
        } else if (message.type === 'opened') {
          this.#endpoints = message.endpoints;
          this.#running.set(worker.id, running);
          resolve();
        } else if (message.type === 'failed') {
          worker.process.kill('SIGKILL');
          reject(errorTold(message.error));
        } else this.#hear(running, message);
      });
      worker.on('error', (error) => this.emit('problem', error));
      worker.on('exit', (code, signal) => {
        this.#heartbeats.ended(worker);
        running.reconfigured?.(null);
        for (const done of running.makingRoom.values()) done();
        this.#exited(running, signal ?? `exit code ${code}`);
        reject(new WorkerDiedError(nameOf(worker)));
      });
    });
  }

  /** The page shows them; nobody else here reads steps. */
  get #readsSteps(): boolean {
    const { admin, stately } = this.#loaded.config;
    return admin !== null || stately;
  }

  #hear(
    running: Running,
    message: Exclude<FromWorker, { type: 'ready' | 'opened' | 'failed' }>,
  ): void {
    const { worker } = running;
    switch (message.type) {
      case 'batch':
        this.#take(running, message);
        break;
      case 'claim':
        void this.#claim(worker, message);
        break;
      case 'madeRoom':
        running.makingRoom.get(message.id)?.();
        running.makingRoom.delete(message.id);
        break;
      case 'reconfigured':
        running.reconfigured?.(message.error && errorTold(message.error));
        break;
      case 'log':
        this.#logLine(message.severity, message.what);
        break;
      case 'drained':
      case 'heartbeat':
        break;
    }
  }

  async #claim(worker: Worker, claim: Extract<FromWorker, { type: 'claim' }>): Promise<void> {
    const { id, session, clientName, cap } = claim;
    let granted = this.#names.claim(session, clientName, cap);
    if (!granted && (await this.#makeRoom(clientName))) {
      granted = this.#names.claim(session, clientName, cap);
    }
    say(worker, { type: 'claimed', id, granted });
  }

  /** Has the workers replace sessions of a name by the policy. @returns whether they were asked */
  async #makeRoom(clientName: string): Promise<boolean> {
    const { namePolicy } = this.#loaded.config;
    if (namePolicy === 'reject') return false;
    const holders = this.#names.of(clientName);
    const asked = namePolicy === 'takeover' ? holders.slice(0, 1) : holders.slice(0, probedMax);
    await Promise.all(
      [...this.#running.values()].map((running) => {
        const there = asked.filter((one) => this.#sessions.get(one)?.worker === running.worker.id);
        return there.length === 0 ? null : this.#makeRoomAt(running, there);
      }),
    );
    return true;
  }

  /** Resolves when the worker has done it, or has died. */
  #makeRoomAt({ worker, makingRoom }: Running, sessions: readonly string[]): Promise<void> {
    this.#roomRequests += 1;
    const id = this.#roomRequests;
    return new Promise((resolve) => {
      makingRoom.set(id, resolve);
      say(worker, { type: 'makeRoom', id, sessions });
    });
  }

  #take(running: Running, batch: Batch): void {
    const { worker, ledger } = running;
    ledger.add(batch.changes);
    // Its Admission counts those of the others too.
    const { open, unregistered } = ledger;
    running.counts = { ...batch.counts, open, unregistered };
    running.isOverloaded = batch.isOverloaded;
    running.recorded = batch.recorded;
    if (batch.changes.length > 0) this.#tellOthers(worker, batch.changes);
    if (batch.untold > 0) {
      this.#log.once(
        'untold',
        `the page does not have all steps: ${batch.untold} of ${nameOf(worker)} came faster than they can be taken`,
        { event: 'steps-untold', steps: batch.untold },
      );
    }
    // Whoever hears of an event may ask for more than the event tells.
    for (const info of batch.sessions) this.#sessions.get(info.id)?.update(info);
    for (const event of batch.events) this.#happened(worker, event);
    // As they are now, and not as they were when they came.
    for (const info of batch.sessions) this.#sessions.get(info.id)?.update(info);
  }

  #happened(worker: Worker, [name, ...told]: ToldEvent): void {
    const what = told.map(heardOf);
    const [first] = what as [SessionInfo & StepRecord];
    if (name === 'connected') {
      const ask = (session: string, asked: Extract<ToWorker, { type: 'session' }>['ask']) =>
        say(worker, { type: 'session', session, ask: asked });
      this.#sessions.set(first.id, new RemoteSession(worker.id, first, ask));
    } else if (name === 'registered') this.#names.hold(first.id, first.clientName ?? '');
    else if (name === 'disconnected') {
      this.#sessions.delete(first.id);
      this.#names.release(first.id);
    } else if (name === 'step') this.#sessions.get(first.session)?.stepped(first);
    (this as EventEmitter).emit(name, ...what);
  }

  #tellOthers(worker: Worker, changes: Batch['changes']): void {
    for (const other of this.#running.values()) {
      if (other.worker !== worker) say(other.worker, { type: 'changes', changes });
    }
  }

  #exited(running: Running, why: string): void {
    const { worker, ledger, startedAt } = running;
    const wasRunning = this.#running.delete(worker.id);
    if (!wasRunning) return;
    const { counts, recorded } = running;
    this.#past = addCounts(this.#past, withoutConnections(counts));
    this.#pastRecorded.steps += recorded?.steps ?? 0;
    this.#pastRecorded.missing += recorded?.missing ?? 0;
    if (this.#closing) return;
    this.#deaths += 1;
    this.#tellOthers(worker, ledger.gone());
    const lost = this.#lose(worker);
    this.#log.error(
      `${nameOf(worker)} died: ${why}. ${lost} ${lost === 1 ? 'session is' : 'sessions are'} lost; another takes its place`,
      { event: 'worker-died', worker: worker.process.pid ?? null, why, sessions: lost },
    );
    const soon = performance.now() - startedAt < settled;
    this.#delay = soon ? Math.min(longestDelay, this.#delay * 2) : firstDelay;
    this.#replace(soon ? this.#delay : 0);
  }

  /** @returns how many sessions went with it. */
  #lose(worker: Worker): number {
    const lost = [...this.#sessions.values()].filter((one) => one.worker === worker.id);
    for (const session of lost) {
      this.#sessions.delete(session.id);
      this.#names.release(session.id);
      const error = new WorkerDiedError(nameOf(worker));
      this.emit('disconnected', session.info(), 'transport-error', error);
    }
    return lost.length;
  }

  #replace(delay: number): void {
    const retry = setTimeout(() => {
      this.#retries.delete(retry);
      this.#start().then(
        () => this.#log.info('a worker is back', { event: 'worker-started', ...this.workers }),
        (error: Error) => {
          if (this.#closing) return;
          this.#log.once('worker', `a worker cannot be started: ${error.message}`, {
            event: 'worker-not-started',
          });
          this.#delay = Math.min(longestDelay, this.#delay * 2);
          this.#replace(this.#delay);
        },
      );
    }, delay);
    this.#retries.add(retry);
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

function nameOf({ id, process }: Worker): string {
  return `worker ${id} (pid ${process.pid ?? 'unknown'})`;
}

/** One that has gone hears nothing: its exit tells the rest. */
function say(worker: Worker, message: ToWorker): void {
  if (worker.isConnected()) worker.send(message, () => {});
}

function heardOf(what: unknown): unknown {
  if (isToldError(what)) return errorTold(what);
  if (typeof what !== 'object' || what === null || !('error' in what)) return what;
  return isToldError(what.error) ? { ...what, error: errorTold(what.error) } : what;
}

function isToldError(what: unknown): what is Parameters<typeof errorTold>[0] {
  if (typeof what !== 'object' || what === null) return false;
  const keys = Object.keys(what);
  return keys.length === 2 && 'code' in what && 'message' in what;
}
