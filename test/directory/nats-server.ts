/** A nats-server with a store, which can be killed and started again on the same port. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installed } from '../mqtt-connect/brokers.js';
import { freePort } from '../support/free-port.js';

/** The version of the installed nats-server; null without it. If so, it logs that the tests that need it are skipped. */
export const natsVersion = installedVersion();

function installedVersion(): string | null {
  const text = installed('nats-server', '--version');
  if (text === null)
    console.log('skipped: nats-server is not installed (apt-get install nats-server)');
  return text?.match(/\d+\.\d+\.\d+/)?.[0] ?? null;
}

export class NatsServer implements AsyncDisposable {
  readonly port: number;
  readonly url: string;
  readonly #folder: string;
  readonly #options: readonly string[];
  #child: ChildProcess | null = null;

  private constructor(port: number, folder: string, options: readonly string[]) {
    this.port = port;
    this.url = `nats://127.0.0.1:${port}`;
    this.#folder = folder;
    this.#options = options;
  }

  /** @param options instead of `--jetstream` */
  static async start(...options: readonly string[]): Promise<NatsServer> {
    const folder = await mkdtemp(join(tmpdir(), 'ixgate-nats-'));
    const server = new NatsServer(await freePort(), folder, options);
    await server.run();
    return server;
  }

  async run(): Promise<void> {
    const options = this.#options.length > 0 ? this.#options : ['--jetstream'];
    const args = ['--addr', '127.0.0.1', '--port', String(this.port), '--store_dir', this.#folder];
    const child = spawn('nats-server', [...args, ...options], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#child = child;
    let log = '';
    await new Promise<void>((resolve, reject) => {
      child.on('error', reject);
      child.on('exit', () => reject(new Error(`nats-server ended: ${log}`)));
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        log = `${log}${text}`.slice(-10_000);
        if (log.includes('Server is ready')) resolve();
      });
    });
  }

  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  /** Stops (SIGSTOP) or continues the process. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child?.kill(signal);
  }

  async removeStore(): Promise<void> {
    await rm(join(this.#folder, 'jetstream'), { recursive: true, force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.signal('SIGCONT');
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
