import { setTimeout as sleep } from 'node:timers/promises';
import { Running } from '../cli/ixgate.js';
import type { Line } from '../cli/lines.js';

/** One life of the process of a gate. */
export interface GateLife {
  readonly node: string;
  readonly pid: number;
  /** When it was killed with SIGKILL, in milliseconds since 1970. */
  killedAt: number | null;
}

/** A gate in its own process, which is stopped and started under the same name, ports and folder of recordings. */
export class GateProcess implements AsyncDisposable {
  readonly node: string;
  readonly port: number;
  readonly #args: readonly string[];
  readonly lives: GateLife[] = [];
  /** Ends of the process that no test caused. */
  readonly crashes: string[] = [];
  #gate: Running | null = null;
  #admin = '';

  constructor(node: string, port: number, args: readonly string[]) {
    this.node = node;
    this.port = port;
    this.#args = args;
  }

  get isRunning(): boolean {
    return this.#gate !== null;
  }

  /** Starts it, again and again while its store cannot be reached. */
  async start(): Promise<void> {
    const args = [
      ...['serve', '--json', '--node', this.node, '--listen', `tcp://127.0.0.1:${this.port}`],
      ...['--admin', 'http://127.0.0.1:0', ...this.#args],
    ];
    const deadline = performance.now() + 30_000;
    for (;;) {
      const gate = new Running(args);
      try {
        this.#admin = String((await gate.event('listening')).admin);
        this.#gate = gate;
        this.lives.push({ node: this.node, pid: gate.child.pid ?? 0, killedAt: null });
        void gate.ended.then((code) => {
          if (this.#gate !== gate) return;
          this.#gate = null;
          this.crashes.push(`${this.node}: ${code} ${gate.stderr}`);
        });
        return;
      } catch (error) {
        if (performance.now() > deadline) throw error;
        await sleep(100);
      }
    }
  }

  /** kill -9 */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Ends it as a deployment does, with a drain. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  pause(): void {
    this.#gate?.kill('SIGSTOP');
  }

  resume(): void {
    this.#gate?.kill('SIGCONT');
  }

  /** The registered sessions that hold a name. */
  async sessions(): Promise<Line[]> {
    const answer = await fetch(`${this.#admin}/sessions`);
    const { sessions } = (await answer.json()) as { sessions: Line[] };
    return sessions.filter(({ state, node }) => state === 'registered' && node === this.node);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const gate = this.#gate;
    if (!gate) return;
    this.#gate = null;
    gate.kill(signal);
    gate.kill('SIGCONT');
    await gate.ended;
    const life = this.lives.at(-1);
    if (life && signal === 'SIGKILL') life.killedAt = Date.now();
  }
}
