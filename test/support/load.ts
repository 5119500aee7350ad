/**
 * Load for a gate, and gates to bear it, each in a process of its own: what is measured of one is not what the others cost. The
 * machine has 127.0.0.0/8 to itself, so strangers come from as many addresses as a test likes.
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

/** A process that answers questions. It ends with the test. */
export class Child implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #asked = 0;
  #isOver = false;

  /**
   * @param args what Node is started with.
   * @param files how many files it may have open; as many as this process without it.
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
      const error = `the process is over: ${code ?? signal}`;
      for (const [id, answered] of this.#waiting) answered({ id, error });
    });
  }

  /** Resolves when it can be asked. */
  protected async ready(): Promise<void> {
    const [first] = await Promise.race([
      once(this.#process, 'message'),
      once(this.#process, 'exit'),
    ]);
    if (typeof first !== 'object') throw new Error(`the process did not start: ${first}`);
  }

  async ask<What>(ask: string, given: unknown = null): Promise<What> {
    if (this.#isOver) throw new Error('the process is over');
    this.#asked += 1;
    const id = this.#asked;
    const { answer, error } = await new Promise<Answer>((resolve) => {
      this.#waiting.set(id, resolve);
      this.#process.send({ id, ask, given });
    });
    if (error !== undefined) throw new Error(error);
    return answer as What;
  }

  /** Has the system give it no time until `thaw`. */
  freeze(): void {
    this.#process.kill('SIGSTOP');
  }

  thaw(): void {
    this.#process.kill('SIGCONT');
  }

  /** Its standard output, where that is a pipe. */
  protected get stdout() {
    const { stdout } = this.#process;
    if (!stdout) throw new Error('there is no pipe');
    return stdout;
  }

  /** Descriptors that it has open, seen from outside. */
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
  /** What Node warned of, such as listeners that pile up. */
  warnings(): Promise<string[]> {
    return this.ask('warnings');
  }

  /** Bytes in use after a collection. */
  memory(): Promise<{ heap: number; external: number; rss: number }> {
    return this.ask('memory');
  }

  handles(): Promise<Handles> {
    return this.ask('handles');
  }

  /**
   * Its handles once no socket is open. A session is over before its socket has closed, so no sessions does not say that. A socket that
   * stays is among what it returns.
   */
  async handlesAtRest(): Promise<Handles> {
    const end = performance.now() + 30_000;
    for (;;) {
      const handles = await this.handles();
      if (!('TCPSocketWrap' in handles.resources) || performance.now() > end) return handles;
    }
  }

  /** Milliseconds of processor time that it has taken so far. */
  processorTime(): Promise<number> {
    return this.ask('processorTime');
  }

  /** The part of the time since it was last asked in which its event loop was at work, 0 to 1. */
  utilization(): Promise<number> {
    return this.ask('utilization');
  }
}

export interface GateProblem {
  readonly code: string | null;
  readonly message: string;
  readonly cause: string | null;
}

/** A gate in a process of its own; see load-gate.mjs. */
export class GateChild extends MeasuredChild {
  /** Ports of its endpoints; on one TCP port of its own without `listen`. */
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
  /** Address of its admin port; empty where it has none. */
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

/** Addresses of the sender, from the first on, `each` connections from one; round and round. */
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
  /** How often each came: `registered`, `refused`, `connection-rejected`, `closed` ..., or the system's error code. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly seconds: number;
  /** Clients a second. */
  readonly rate: number;
  /** From the attempt to the connection. */
  readonly connected: Times | null;
  /** From the attempt to the answer. */
  readonly answered: Times | null;
}

export interface LoadOptions {
  readonly port: number;
  readonly sources: Sources;
  /** Clients that are there at once. */
  readonly atOnce: number;
  /** How many come in all. */
  readonly count?: number;
  /** Or for how long they come. */
  readonly milliseconds?: number;
  /** Milliseconds between one and the next. @default none */
  readonly pause?: number;
  /** What the behaviour takes besides. */
  readonly [more: string]: unknown;
}

/** Clients in a process of their own; see load-child.mjs. */
export class Load extends Child {
  static async open(): Promise<Load> {
    const load = new Load(['test/support/load-child.mjs']);
    await load.ready();
    return load;
  }

  /** Files and sockets that it may have. */
  files(): Promise<number> {
    return this.ask('files');
  }

  /** Has clients behave in one way of load-behaviours.mjs, until so many have come or for so long. */
  run(behaviour: string, options: LoadOptions): Promise<LoadResult> {
    return this.ask('run', { behaviour, ...options });
  }

  /** The times of the answers to one registered client that asks once it has the answer before. */
  async answers(port: number, milliseconds: number): Promise<Times> {
    return this.ask('ask', { port, milliseconds });
  }

  /** Milliseconds until the gate ended a client that says nothing. */
  async silence(port: number): Promise<number> {
    return this.ask('silence', { port });
  }

  /**
   * Opens connections that stay and say nothing, or with `drip` one byte each so many milliseconds.
   * @returns how often opening one failed, by the system's error code.
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

  /** Connections that are held and that the gate has not closed. */
  held(): Promise<number> {
    return this.ask('held');
  }

  /** Resets all that are held. */
  release(): Promise<void> {
    return this.ask('release');
  }
}

/**
 * What legitimate clients get while something else goes on: one that was there before asks and is answered, and new ones register, one
 * after the other. Whatever they do not get is an error.
 * @returns what the work gave, and how often both were served.
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
  // It is awaited below; until then it may fail unseen.
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

/** The middle one of some numbers. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** The slope of the line through equally distant points that fits them best, a step. */
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
