import cluster, { type Worker } from 'node:cluster';
import type { Endpoint } from '../../net/transports/endpoint.js';
import { IxgateError } from '../../runtime/errors.js';
import type { GateCounts } from '../../server/index.js';
import { noCounts } from './counts.js';
import { type Batch, deserializeError, type FromWorker, type ToWorker } from './messages.js';
import { WorkerConnectionCounts } from './worker-connection-counts.js';

/** A worker died: its sessions are gone. */
export class WorkerDiedError extends IxgateError {
  override readonly name = 'WorkerDiedError';
  constructor(worker: string) {
    super('WORKER_DIED', `${worker} died`);
  }
}

/** A worker could not be started. */
export class WorkerStartError extends IxgateError {
  override readonly name = 'WorkerStartError';
  /** The code of the cause, e.g. `EMFILE`; its own where that has none. */
  readonly reason: string;
  constructor(cause: Error & { readonly code?: unknown }) {
    super('WORKER_START_FAILED', `a worker cannot be started: ${cause.message}`, { cause });
    this.reason = typeof cause.code === 'string' ? cause.code : this.code;
  }
}

/** What a worker tells once it is open. */
export type WorkerNews = Exclude<FromWorker, { type: 'ready' | 'opened' | 'failed' }>;

type Reconfigure = Extract<ToWorker, { type: 'reconfigure' }>;

/** What the primary does for a worker. */
export interface WorkerHost {
  /** It waits to be told what to open. */
  ready(): void;
  /** It listens. @returns why it cannot be used, if so; then it is killed */
  opened(message: Extract<FromWorker, { type: 'opened' }>): Error | null;
  news(message: WorkerNews): void;
  /** Any message has arrived. */
  heard(): void;
  problem(error: Error): void;
  /** Its process has ended, and all that it sent has been read. @param wasOpen whether it had listened */
  ended(why: string, wasOpen: boolean): void;
}

/** One worker, from its start to its end. */
export class WorkerProcess {
  readonly worker: Worker;
  readonly ledger = new WorkerConnectionCounts();
  readonly startedAt = performance.now();
  /** Milliseconds that its start was put off. */
  readonly delay: number;
  /** Requests to make room that it has not answered, by their ids. */
  readonly makingRoom = new Map<number, () => void>();
  /** The last claim of each session that waits for room, by the session. */
  readonly claims = new Map<string, number>();
  counts: GateCounts = noCounts();
  isOverloaded = false;
  recorded: Batch['recorded'] = null;
  /** Number of the configuration that it has. */
  generation = 0;
  /** Where it was told to listen; null before. */
  listen: readonly Endpoint[] | null = null;
  /** Configurations that it has not answered, by their numbers. */
  readonly #reconfiguring = new Map<number, (error: Error | null) => void>();
  #state: 'starting' | 'open' | 'ended' = 'starting';
  #ended: Promise<void> = Promise.resolve();

  /** @throws the error of the system when there can be no process. */
  constructor(delay: number) {
    this.delay = delay;
    this.worker = cluster.fork();
  }

  get id(): number {
    return this.worker.id;
  }

  get pid(): number | null {
    return this.worker.process.pid ?? null;
  }

  get name(): string {
    return `worker ${this.id} (pid ${this.pid ?? 'unknown'})`;
  }

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  /** Resolves when it has ended. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  /** Resolves when it listens. @throws {WorkerStartError}, {WorkerDiedError}, or the error of the worker */
  start(host: WorkerHost): Promise<void> {
    const { worker } = this;
    let end = () => {};
    this.#ended = new Promise((resolve) => {
      end = resolve;
    });
    return new Promise((resolve, reject) => {
      const ended = (why: string) => {
        if (this.#state === 'ended') return;
        const wasOpen = this.isOpen;
        this.#state = 'ended';
        host.ended(why, wasOpen);
        for (const done of this.makingRoom.values()) done();
        const died = new WorkerDiedError(this.name);
        for (const answer of this.#reconfiguring.values()) answer(died);
        reject(died);
        end();
      };
      const fail = (error: Error) => {
        reject(error);
        this.kill();
      };
      worker.on('message', (message: FromWorker) => {
        if (this.#state === 'ended') return;
        host.heard();
        if (message.type === 'ready') host.ready();
        else if (message.type === 'failed') fail(deserializeError(message.error));
        else if (message.type === 'opened') {
          const problem = host.opened(message);
          if (problem) fail(problem);
          else {
            this.#state = 'open';
            resolve();
          }
        } else host.news(message);
      });
      worker.on('error', (error) => {
        // Without a process there is no exit, and Node keeps the worker in its list.
        if (this.pid === null) {
          delete cluster.workers?.[worker.id];
          reject(new WorkerStartError(error));
          ended(error.message);
        } else host.problem(error);
      });
      // What it sent before its end may be read after 'exit', and never after 'disconnect'.
      const check = () => {
        const { exitCode, signalCode } = worker.process;
        if (worker.isDead() && !worker.isConnected()) ended(signalCode ?? `exit code ${exitCode}`);
      };
      worker.on('exit', check);
      worker.on('disconnect', check);
    });
  }

  /** A worker that has ended hears nothing. */
  say(message: ToWorker): void {
    if (this.worker.isConnected()) this.worker.send(message, () => {});
  }

  get isReconfiguring(): boolean {
    return this.#reconfiguring.size > 0;
  }

  /** @returns why it cannot use the configuration, or {WorkerDiedError}; null when that is in force */
  reconfigure(change: Omit<Reconfigure, 'type'>): Promise<Error | null> {
    return new Promise((resolve) => {
      if (this.#state === 'ended') return resolve(new WorkerDiedError(this.name));
      this.#reconfiguring.set(change.generation, resolve);
      this.say({ type: 'reconfigure', ...change });
    });
  }

  reconfigured(generation: number, error: Error | null): void {
    if (!error) this.generation = generation;
    this.#reconfiguring.get(generation)?.(error);
    this.#reconfiguring.delete(generation);
  }

  kill(): void {
    this.worker.process.kill('SIGKILL');
  }
}
