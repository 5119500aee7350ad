import cluster from 'node:cluster';
import { fileURLToPath } from 'node:url';
import { duration } from '../../../machines/text/format.js';
import type { ServeConfig } from '../../config/index.js';
import { type Endpoint, formatEndpoint } from '../../net/transports/endpoint.js';
import { toError } from '../../runtime/errors.js';
import type { GateLog } from '../log.js';
import { Heartbeats } from './heartbeats.js';
import { type WorkerMessage, WorkerProcess, WorkerStartError } from './worker-process.js';

const program = fileURLToPath(new URL('./worker.js', import.meta.url));
/** Milliseconds before a worker is started again after a failed start or an early crash; doubled up to the maximum. */
const [minDelay, maxDelay] = [100, 5_000];
/** A worker that crashes within this many milliseconds after its start is restarted with a delay. */
const settleTime = 10_000;
/** Milliseconds after the drain timeout until a worker that still runs is killed. */
const killDelay = 5_000;

/** The callbacks of a pool. */
export interface PoolHost {
  /** The worker has started and waits for its configuration; `worker.listen` is set. */
  open(worker: WorkerProcess): void;
  message(worker: WorkerProcess, message: WorkerMessage): void;
  /** The worker has ended. @returns the number of sessions that were lost */
  ended(worker: WorkerProcess): number;
  problem(error: Error): void;
}

/** The worker processes of a gate. A worker that crashes or hangs is restarted until the pool drains. */
export class WorkerPool {
  readonly size: number;
  readonly #host: PoolHost;
  readonly #config: () => ServeConfig;
  readonly #log: GateLog;
  readonly #heartbeats: Heartbeats;
  /** All workers with a process, including starting ones, by id. */
  readonly #workers = new Map<number, WorkerProcess>();
  readonly #retries = new Set<NodeJS.Timeout>();
  #endpoints: readonly Endpoint[] = [];
  #deaths = 0;
  #startError: WorkerStartError | null = null;
  #isDraining = false;

  constructor(size: number, host: PoolHost, config: () => ServeConfig, log: GateLog) {
    this.size = size;
    this.#host = host;
    this.#config = config;
    this.#log = log;
    this.#heartbeats = new Heartbeats((worker, silence) =>
      this.#kill(
        worker,
        `${worker.isOpen ? 'no heartbeat for' : 'not open after'} ${duration(silence)}`,
      ),
    );
    cluster.setupPrimary({ exec: program, args: [], serialization: 'advanced' });
  }

  /** The endpoints of the first worker; all workers share them. */
  get endpoints(): readonly Endpoint[] {
    return this.#endpoints;
  }

  get all(): WorkerProcess[] {
    return [...this.#workers.values()];
  }

  /** Workers that listen. */
  get running(): WorkerProcess[] {
    return this.all.filter(({ isOpen }) => isOpen);
  }

  /** Workers that listen and sent a message recently. */
  get live(): WorkerProcess[] {
    return this.running.filter((worker) => this.#heartbeats.isLive(worker));
  }

  /** Number of crashed workers. */
  get deaths(): number {
    return this.#deaths;
  }

  /** Why a missing worker could not be started; null when all run. */
  get startError(): WorkerStartError | null {
    return this.#startError;
  }

  /** Starts all workers. @throws the error of the first worker that cannot be opened. */
  async start(): Promise<void> {
    await Promise.all(Array.from({ length: this.size }, () => this.#start(0)));
  }

  /** Stops all workers, and kills those that still run after the drain timeout. */
  async drain(): Promise<void> {
    this.#isDraining = true;
    for (const retry of this.#retries) clearTimeout(retry);
    await Promise.all(
      this.all.map(async (worker) => {
        if (worker.isOpen) worker.send({ type: 'drain' });
        else worker.kill();
        const kill = () => this.#kill(worker, 'it still runs after the drain');
        const timer = setTimeout(kill, this.#config().drain + killDelay);
        await worker.ended;
        clearTimeout(timer);
      }),
    );
    this.#heartbeats.close();
  }

  #kill(worker: WorkerProcess, reason: string): void {
    this.#log.error(`killed ${worker.name}: ${reason}`, {
      event: 'worker-killed',
      worker: worker.pid,
      reason,
    });
    worker.kill();
  }

  /** Resolves when a new worker listens. @param delay milliseconds by which this start was delayed */
  async #start(delay: number): Promise<void> {
    const worker = forked(delay);
    this.#workers.set(worker.id, worker);
    this.#heartbeats.started(worker);
    await worker.start({
      ready: () => {
        worker.listen = this.#listenOf(worker);
        this.#host.open(worker);
      },
      opened: ({ endpoints }) => this.#opened(worker, endpoints),
      message: (message) => this.#host.message(worker, message),
      heard: () => this.#heartbeats.heard(worker),
      problem: (error) => this.#host.problem(error),
      ended: (reason, wasOpen) => this.#ended(worker, reason, wasOpen),
    });
  }

  /**
   * The endpoints for a new worker. It shares the sockets of the others, and Node finds those by the requested endpoints, also for
   * port 0. Without other workers the same ports are opened again.
   */
  #listenOf(worker: WorkerProcess): readonly Endpoint[] {
    const others = this.all.filter((other) => other !== worker);
    const shared = others.find(({ listen }) => listen !== null)?.listen;
    if (shared) return shared;
    return this.#endpoints.length > 0 ? this.#endpoints : this.#config().listen;
  }

  /** @returns why the worker is unusable: the sockets to share were closed, and the system chose other ports. */
  #opened(worker: WorkerProcess, endpoints: readonly Endpoint[]): Error | null {
    if (this.#endpoints.length === 0) this.#endpoints = endpoints;
    const [expected, actual] = [this.#endpoints, endpoints].map((all) =>
      all.map(formatEndpoint).join(', '),
    );
    if (expected !== actual) return new Error(`it listens on ${actual}, not ${expected}`);
    this.#heartbeats.opened(worker);
    return null;
  }

  #ended(worker: WorkerProcess, reason: string, wasOpen: boolean): void {
    this.#heartbeats.ended(worker);
    this.#workers.delete(worker.id);
    const lost = this.#host.ended(worker);
    if (this.#isDraining || !wasOpen) return;
    this.#deaths += 1;
    this.#log.error(
      `${worker.name} died: ${reason}. ${lost} ${lost === 1 ? 'session is' : 'sessions are'} lost; the worker is restarted`,
      { event: 'worker-died', worker: worker.pid, reason, sessions: lost },
    );
    const isEarly = performance.now() - worker.startedAt < settleTime;
    this.#restart(isEarly ? longer(worker.delay) : 0);
  }

  #restart(delay: number): void {
    const retry = setTimeout(() => {
      this.#retries.delete(retry);
      this.#start(delay).then(
        () => this.#restarted(),
        (error: unknown) => this.#restartFailed(toError(error), delay),
      );
    }, delay);
    this.#retries.add(retry);
  }

  #restarted(): void {
    if (this.#isDraining) return;
    const running = this.running.length;
    if (running === this.size) this.#startError = null;
    this.#log.info('restarted a worker', {
      event: 'worker-started',
      wanted: this.size,
      running,
      deaths: this.#deaths,
    });
  }

  #restartFailed(error: Error, delay: number): void {
    if (this.#isDraining) return;
    const problem = error instanceof WorkerStartError ? error : new WorkerStartError(error);
    this.#startError = problem;
    this.#log.once('worker', problem.message, {
      event: 'worker-start-failed',
      code: problem.code,
      reason: problem.reason,
    });
    this.#restart(longer(delay));
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

/** The delay of the start after one with `delay`, in milliseconds. */
function longer(delay: number): number {
  return Math.min(maxDelay, Math.max(minDelay, delay * 2));
}
