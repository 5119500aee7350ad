/**
 * Load for a gate, and gates under load, each in a separate process so that measurements do not include the other side. Loopback
 * has all of 127.0.0.0/8, so clients can come from as many addresses as a test needs.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { on, once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { GateCounts, ServerOptions } from '../../adapters/server/index.js';
import { type Line, lineClient, registerRequest } from './line-client.js';

interface Answer {
  readonly id: number;
  readonly answer?: unknown;
  readonly error?: string;
}

/** A child process that answers calls. It ends with the test. */
export class Child implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #asked = 0;
  #isOver = false;

  /**
   * @param args arguments of Node
   * @param files its limit of open files; by default that of this process
   */
  protected constructor(
    args: readonly string[],
    files?: number,
    stdout: 'inherit' | 'pipe' = 'inherit',
  ) {
    const limit = files === undefined ? '' : `ulimit -n ${files} && `;
    const script = `${limit}exec "$0" "$@"`;
    this.#process = spawn('sh', ['-c', script, process.execPath, '--expose-gc', ...args], {
      stdio: ['ignore', stdout, 'inherit', 'ipc'],
    });
    this.#process.on('message', (message: Answer) => {
      this.#waiting.get(message.id)?.(message);
      this.#waiting.delete(message.id);
    });
    this.#process.once('exit', (code, signal) => {
      this.#isOver = true;
      const error = `the process has ended: ${code ?? signal}`;
      for (const [id, answered] of this.#waiting) answered({ id, error });
    });
  }

  /** Resolves when the process is ready for calls. */
  protected async ready(): Promise<void> {
    const [first] = await Promise.race([
      once(this.#process, 'message'),
      once(this.#process, 'exit'),
    ]);
    if (typeof first !== 'object') throw new Error(`the process did not start: ${first}`);
  }

  async ask<What>(ask: string, given: unknown = null): Promise<What> {
    if (this.#isOver) throw new Error('the process has ended');
    this.#asked += 1;
    const id = this.#asked;
    const { answer, error } = await new Promise<Answer>((resolve) => {
      this.#waiting.set(id, resolve);
      this.#process.send({ id, ask, given });
    });
    if (error !== undefined) throw new Error(error);
    return answer as What;
  }

  /** Stops the process (SIGSTOP) until `thaw`. */
  freeze(): void {
    this.#process.kill('SIGSTOP');
  }

  thaw(): void {
    this.#process.kill('SIGCONT');
  }

  /** Its standard output when it is a pipe. */
  protected get stdout() {
    const { stdout } = this.#process;
    if (!stdout) throw new Error('standard output is not a pipe');
    return stdout;
  }

  /** Its open descriptors, read from outside. */
  get descriptors(): number {
    return readdirSync(`/proc/${this.#process.pid}/fd`).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isOver) return;
    const exited = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await exited;
  }
}

export interface Handles {
  readonly descriptors: number;
  /** What keeps the event loop alive, timers and sockets, by Node's names. */
  readonly resources: Readonly<Record<string, number>>;
}

/** A process that is measured; see load-probe.mjs. */
export class MeasuredChild extends Child {
  /** Warnings of Node, for example about leaking listeners. */
  warnings(): Promise<string[]> {
    return this.ask('warnings');
  }

  /** Bytes in use after a garbage collection. */
  memory(): Promise<{ heap: number; external: number; rss: number }> {
    return this.ask('memory');
  }

  handles(): Promise<Handles> {
    return this.ask('handles');
  }

  /**
   * Its handles once no socket is open. A session ends before its socket has closed, so the absence of sessions does not imply that. A socket
   * that stays open is among the returned handles.
   */
  async handlesAtRest(): Promise<Handles> {
    const end = performance.now() + 30_000;
    for (;;) {
      const handles = await this.handles();
      if (!('TCPSocketWrap' in handles.resources) || performance.now() > end) return handles;
    }
  }

  /** CPU time so far in milliseconds. */
  processorTime(): Promise<number> {
    return this.ask('processorTime');
  }

  /** The share of the time since the last call in which its event loop was busy, 0 to 1. */
  utilization(): Promise<number> {
    return this.ask('utilization');
  }
}

export interface GateProblem {
  readonly code: string | null;
  readonly message: string;
  readonly cause: string | null;
}

/** A gate in a separate process; see load-gate.mjs. */
export class GateChild extends MeasuredChild {
  /** Ports of its endpoints; one free TCP port without `listen`. */
  ports: readonly number[] = [];

  static async open(options: ServerOptions = {}, files?: number): Promise<GateChild> {
    const gate = new GateChild(['test/support/load-gate.mjs', JSON.stringify(options)], files);
    await gate.ready();
    gate.ports = await gate.ask('ports');
    return gate;
  }

  get port(): number {
    return this.ports[0] ?? 0;
  }

  counts(): Promise<GateCounts> {
    return this.ask('counts');
  }

  problems(): Promise<GateProblem[]> {
    return this.ask('problems');
  }

  /** Resolves when no connection is left. */
  async empty(): Promise<GateCounts> {
    for (;;) {
      const counts = await this.counts();
      if (counts.open === 0) return counts;
    }
  }
}

/** `ixgate serve` itself, measured from within. */
export class ServeChild extends MeasuredChild {
  /** Ports of its endpoints, in their order. */
  ports: readonly number[] = [];
  /** Address of its admin port; empty without one. */
  admin = '';
  /** Lines that it has logged. */
  lines = 0;

  static async open(options: readonly string[]): Promise<ServeChild> {
    const probe = ['--import', './test/support/load-probe.mjs'];
    const serve = new ServeChild(
      [...probe, 'adapters/cli/ixgate.mjs', 'serve', '--json', ...options],
      undefined,
      'pipe',
    );
    const lines = createInterface({ input: serve.stdout });
    lines.on('line', () => {
      serve.lines += 1;
    });
    for await (const [line] of on(lines, 'line')) {
      const { event, endpoints, admin } = JSON.parse(line);
      if (event !== 'listening') continue;
      serve.admin = admin ?? '';
      serve.ports = endpoints.map((endpoint: string) => Number(/:(\d+)/.exec(endpoint)?.[1]));
      break;
    }
    return serve;
  }
}

/** Addresses of the sender, starting at the first, `each` connections per address, in rotation. */
export interface Sources {
  readonly first: string;
  /** @default 1 */
  readonly addresses?: number;
  /** @default 1 */
  readonly each?: number;
}

/** Milliseconds. */
export interface Times {
  readonly median: number;
  readonly p99: number;
  readonly max: number;
}

export interface LoadResult {
  /** How often each outcome occurred: `registered`, `refused`, `connection-rejected`, `closed` ..., or the system's error code. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly seconds: number;
  /** Clients per second. */
  readonly rate: number;
  /** Milliseconds from the attempt to the connection. */
  readonly connected: Times | null;
  /** Milliseconds from the attempt to the answer. */
  readonly answered: Times | null;
}

export interface LoadOptions {
  readonly port: number;
  readonly sources: Sources;
  /** Concurrent clients. */
  readonly atOnce: number;
  /** Total number of clients. */
  readonly count?: number;
  /** Alternatively, how long clients connect, in milliseconds. */
  readonly milliseconds?: number;
  /** Milliseconds between two clients. @default none */
  readonly pause?: number;
  /** Further arguments of the behaviour. */
  readonly [more: string]: unknown;
}

/** Clients in a separate process; see load-child.mjs. */
export class Load extends Child {
  static async open(): Promise<Load> {
    const load = new Load(['test/support/load-child.mjs']);
    await load.ready();
    return load;
  }

  /** Its limit of files and sockets. */
  files(): Promise<number> {
    return this.ask('files');
  }

  /** Runs clients with one behaviour of load-behaviours.mjs, up to a number or a duration. */
  run(behaviour: string, options: LoadOptions): Promise<LoadResult> {
    return this.ask('run', { behaviour, ...options });
  }

  /** The response times of one registered client that sends its next request after each answer. */
  async answers(port: number, milliseconds: number): Promise<Times> {
    return this.ask('ask', { port, milliseconds });
  }

  /** Milliseconds until the gate disconnected a silent client. */
  async silence(port: number): Promise<number> {
    return this.ask('silence', { port });
  }

  /**
   * Opens connections that stay and send nothing, or with `drip` one byte in that many milliseconds.
   * @returns how often opening failed, by the system's error code
   */
  async hold(options: {
    port: number;
    count: number;
    sources: Sources;
    drip?: number;
    /** They do not end their side when the gate ends its own. */
    halfOpen?: boolean;
  }): Promise<Record<string, number>> {
    const { failed } = await this.ask<{ failed: Record<string, number> }>('hold', options);
    return failed;
  }

  /** Open connections that the gate has not closed. */
  held(): Promise<number> {
    return this.ask('held');
  }

  /** Resets all open connections. */
  release(): Promise<void> {
    return this.ask('release');
  }
}

/**
 * Checks the service to legitimate clients during other work: one registered client sends requests, and new ones register, one
 * after the other. Any failure throws.
 * @returns the result of the work, and how often both were served
 */
export async function servedDuring<Result>(
  port: number,
  work: () => Promise<Result>,
): Promise<{ result: Result; served: number }> {
  await using regular = await lineClient(port);
  expectAck(await regular.ask(registerRequest({ clientName: 'regular' })), 1);
  let isOver = false;
  const working = work().finally(() => {
    isOver = true;
  });
  // Awaited below; until then its rejection counts as handled.
  working.catch(() => {});
  let served = 0;
  do {
    served += 1;
    const question = { messageName: 'RequestAnything', referenceId: served };
    expectAck(await regular.ask(question), served);
    await using newcomer = await lineClient(port);
    expectAck(await newcomer.ask(registerRequest({ clientName: `newcomer-${served}` })), 1);
  } while (!isOver);
  return { result: await working, served };
}

function expectAck(answer: Line | null, referenceId: number): void {
  if (answer?.messageName === 'EventAck' && answer.referenceId === referenceId) return;
  throw new Error(`expected EventAck for ${referenceId}, not ${JSON.stringify(answer)}`);
}

/** The median. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** The slope of the least-squares line through equally distant points, per step. */
export function slope(points: readonly number[]): number {
  const middle = (points.length - 1) / 2;
  const mean = points.reduce((sum, point) => sum + point, 0) / points.length;
  let [up, across] = [0, 0];
  points.forEach((point, at) => {
    up += (at - middle) * (point - mean);
    across += (at - middle) ** 2;
  });
  return up / across;
}
