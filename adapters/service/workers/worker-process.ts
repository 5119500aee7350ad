import cluster, { type Worker } from 'node:cluster';
import type { Endpoint } from '../../net/transports/endpoint.js';
import { IxgateError } from '../../runtime/errors.js';
import type { GateCounts } from '../../server/index.js';
import { deserializeError } from '../mirror/serialized.js';
import { noCounts } from './counts.js';
import type { Batch, FromWorker, ToWorker } from './messages.js';
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
  /** The code of the cause, e.g. `EMFILE`; without one, the code of this error. */
  readonly reason: string;
  constructor(cause: Error & { readonly code?: unknown }) {
    super('WORKER_START_FAILED', `a worker cannot be started: ${cause.message}`, { cause });
    this.reason = typeof cause.code === 'string' ? cause.code : this.code;
  }
}

/** The messages of an open worker. */
export type WorkerMessage = Exclude<FromWorker, { type: 'ready' | 'opened' | 'failed' }>;

type Reconfigure = Extract<ToWorker, { type: 'reconfigure' }>;

/** The callbacks of a worker. */
export interface WorkerHost {
  /** The worker waits for its configuration. */
  ready(): void;
  /** The worker listens. @returns why it is unusable, or null; an unusable worker is killed */
  opened(message: Extract<FromWorker, { type: 'opened' }>): Error | null;
  message(message: WorkerMessage): void;
  /** Any message has arrived. */
  heard(): void;
  problem(error: Error): void;
  /** The process has ended, and all its messages are read. @param wasOpen whether it had listened */
  ended(reason: string, wasOpen: boolean): void;
}

/** One worker process, from its start to its end. */
export class WorkerProcess {
  readonly worker: Worker;
  readonly connections = new WorkerConnectionCounts();
  readonly startedAt = performance.now();
  /** Milliseconds by which its start was delayed. */
  readonly delay: number;
  /** Unanswered requests to make room or to end a session, by id. */
  readonly waiting = new Map<number, () => void>();
  counts: GateCounts = noCounts();
  isOverloaded = false;
  recorded: Batch['recorded'] = null;
  /** Number of its configuration. */
  generation = 0;
  /** The endpoints it was asked to open; null before. */
  listen: readonly Endpoint[] | null = null;
  /** Unanswered configurations, by number. */
  readonly #reconfiguring = new Map<number, (error: Error | null) => void>();
  #state: 'starting' | 'open' | 'ended' = 'starting';
  #ended: Promise<void> = Promise.resolve();

  /** @throws the error of the system when the process cannot be started. */
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
      const ended = (reason: string) => {
        if (this.#state === 'ended') return;
        const wasOpen = this.isOpen;
        this.#state = 'ended';
        host.ended(reason, wasOpen);
        for (const done of this.waiting.values()) done();
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
        } else host.message(message);
      });
      worker.on('error', (error) => {
        // Without a process there is no 'exit' event, and Node keeps the worker in its list.
        if (this.pid === null) {
          delete cluster.workers?.[worker.id];
          reject(new WorkerStartError(error));
          ended(error.message);
        } else host.problem(error);
      });
      // Messages may arrive after 'exit', but not after 'disconnect'.
      const check = () => {
        const { exitCode, signalCode } = worker.process;
        if (worker.isDead() && !worker.isConnected()) ended(signalCode ?? `exit code ${exitCode}`);
      };
      worker.on('exit', check);
      worker.on('disconnect', check);
    });
  }

  /** Sends a message; does nothing after the worker has ended. */
  send(message: ToWorker): void {
    if (this.worker.isConnected()) this.worker.send(message, () => {});
  }

  get isReconfiguring(): boolean {
    return this.#reconfiguring.size > 0;
  }

  /** @returns why the worker rejects the configuration, or {WorkerDiedError}; null when it is in force */
  reconfigure(change: Omit<Reconfigure, 'type'>): Promise<Error | null> {
    return new Promise((resolve) => {
      if (this.#state === 'ended') return resolve(new WorkerDiedError(this.name));
      this.#reconfiguring.set(change.generation, resolve);
      this.send({ type: 'reconfigure', ...change });
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
