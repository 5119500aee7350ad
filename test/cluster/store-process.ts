import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { openRedisDirectory } from '../../adapters/directory/redis/open-redis-directory.js';
import { freePort } from '../support/free-port.js';

const program = 'redis-server';

/** A session that the store has. */
export interface StoredSession {
  readonly node: string;
  readonly session: string;
  readonly clientName: string;
  readonly epoch: number;
}

/** A Redis without persistence, on a port that stays the same when it is started again: then it is empty. */
export class StoreProcess implements AsyncDisposable {
  readonly port: number;
  readonly #folder: string;
  #child: ChildProcess | null = null;

  static async open(folder: string): Promise<StoreProcess> {
    const store = new StoreProcess(await freePort(), folder);
    await store.#start();
    return store;
  }

  private constructor(port: number, folder: string) {
    this.port = port;
    this.#folder = folder;
  }

  /** Loses everything, and is back at once. */
  async restart(): Promise<void> {
    await this.#stop();
    await this.#start();
  }

  /** Answers no client for some milliseconds. */
  async pause(ms: number): Promise<void> {
    const socket = connect({ host: '127.0.0.1', port: this.port });
    socket.on('error', () => {});
    socket.end(`CLIENT PAUSE ${ms} ALL\r\n`);
    socket.resume();
    await once(socket, 'close');
  }

  /** The sessions of gates with a live lease. */
  async sessions(cluster: string, lease: number): Promise<StoredSession[]> {
    const url = `redis://127.0.0.1:${this.port}`;
    const options = { cluster, lease, commandTimeout: 20_000 };
    await using directory = await openRedisDirectory(url, options);
    const all = directory.partitions.map(async (partition) => {
      const live = (await partition.list()).filter(({ leaseRemaining }) => leaseRemaining > 0);
      const held = live.map(async ({ incarnation, node }) => {
        const names = await partition.held(incarnation);
        return names.map((name) => ({ node, ...name }));
      });
      return (await Promise.all(held)).flat();
    });
    return (await Promise.all(all)).flat();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop();
  }

  async #start(): Promise<void> {
    const options = ['--save', '', '--appendonly', 'no', '--dir', this.#folder];
    const child = spawn(program, ['--port', String(this.port), ...options], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    this.#child = child;
    let log = '';
    await new Promise<void>((resolve, reject) => {
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        log = `${log}${text}`.slice(-4_000);
        if (log.includes('Ready to accept connections')) resolve();
      });
      child.once('exit', () => reject(new Error(`redis-server ended: ${log}`)));
    });
  }

  async #stop(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }
}
