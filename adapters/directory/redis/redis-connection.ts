import type { Writable } from 'node:stream';
import type { ConnectionOptions } from 'node:tls';
import type { Cluster, Redis, RedisOptions } from 'ioredis';
import { DirectoryError } from '../errors.js';
import { directoryErrorOf, isClosedError } from './redis-errors.js';
import { type RedisScript, redisScripts } from './redis-scripts.js';
import type { RedisAddress } from './redis-url.js';
import { RequestBatches } from './request-batches.js';
import { quietSentinelConnector } from './sentinel-connector.js';

/** The parts of the package that are used. */
export type Ioredis = Pick<typeof import('ioredis'), 'Cluster' | 'Redis' | 'SentinelConnector'>;

type ClientOptions = Omit<RedisOptions, 'replyMapping'>;

export interface RedisConnectionOptions {
  /** The name of the connection in the store. */
  readonly name: string;
  /** Milliseconds until an unanswered request is rejected. */
  readonly commandTimeout: number;
  /** Certificates in PEM that `rediss://` trusts. */
  readonly ca: string | Buffer | undefined;
}

/** Milliseconds until a connection must be open. */
const connectTimeout = 4_000;

const longestPause = 2_000;
/** Milliseconds to wait before the next attempt to connect. */
export function reconnectDelay(attempt: number): number {
  return Math.min(50 * 2 ** (attempt - 1), longestPause) * (0.75 + Math.random() / 2);
}

/** The connection for requests. Requests are sent once: one that was not answered is rejected. */
export class RedisConnection {
  /** Called when the connection was lost and is open again. */
  onReconnected = () => {};
  readonly #address: RedisAddress;
  readonly #options: RedisConnectionOptions;
  readonly #client: Redis | Cluster;
  readonly #ioredis: Ioredis;
  readonly #batches = new RequestBatches();
  #isOpen = false;
  #isClosed = false;
  #problem: unknown = null;

  constructor(ioredis: Ioredis, address: RedisAddress, options: RedisConnectionOptions) {
    this.#ioredis = ioredis;
    this.#address = address;
    this.#options = options;
    this.#client = this.#create();
    this.#client.on('error', (error) => this.#failed(error));
    this.#client.on('node error', (error: unknown) => this.#failed(error));
    for (const [name, lua] of Object.entries(redisScripts)) {
      this.#client.defineCommand(commandOf(name as RedisScript), { lua });
    }
  }

  /** @throws {DirectoryError} */
  async open(): Promise<void> {
    let late: NodeJS.Timeout | undefined;
    const isLate = new Promise<never>((_, reject) => {
      late = setTimeout(() => reject(new Error('timed out')), connectTimeout + 500);
    });
    try {
      await Promise.race([this.#client.connect(), isLate]);
      // E.g. a database that the server does not have.
      if (this.#address.kind !== 'cluster' && this.#problem !== null) throw this.#problem;
    } catch (error) {
      await this.close();
      throw directoryErrorOf(this.#address.shown, this.#problem ?? error);
    } finally {
      clearTimeout(late);
    }
    this.#isOpen = true;
    const event = this.#address.kind === 'cluster' ? '-node' : 'ready';
    this.#client.on(event, () => {
      if (!this.#isClosed) this.onReconnected();
    });
    if (event === '-node') this.#client.on('ready', () => this.onReconnected());
  }

  /**
   * Runs a script.
   * @throws {DirectoryError} The outcome is unknown.
   */
  async run(
    script: RedisScript,
    keys: readonly string[],
    args: readonly (string | number)[],
  ): Promise<unknown[]> {
    const client = this.#client as unknown as Record<
      string,
      (...all: (string | number)[]) => Promise<unknown[]>
    >;
    return this.#sent(() => client[commandOf(script)]?.(keys.length, ...keys, ...args));
  }

  /** @throws {DirectoryError} */
  async info(): Promise<string> {
    return (await this.#sent(() => this.#client.info())) ?? '';
  }

  /** @returns seconds, microseconds */
  async time(): Promise<readonly [number, number]> {
    const [seconds, microseconds] = await this.#sent(() => this.#client.time());
    return [Number(seconds), Number(microseconds)];
  }

  async publish(channel: string, text: string): Promise<void> {
    await this.#sent(() => this.#client.publish(channel, text));
  }

  /** A new client, not yet connected, that does not connect again. */
  createSubscriber(): Redis {
    const { Redis } = this.#ioredis;
    const node = this.#anyNode();
    return new Redis({
      ...this.#redisOptions(),
      ...(node ?? this.#serverOptions()),
      retryStrategy: null,
      sentinelRetryStrategy: () => null,
    });
  }

  errorOf(thrown: unknown): DirectoryError {
    return directoryErrorOf(this.#address.shown, thrown);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await closed(this.#client, this.#client.status === 'ready');
  }

  #failed(error: unknown): void {
    if (this.#isOpen) return;
    if (this.#problem === null || isClosedError(this.#problem)) this.#problem = error;
  }

  async #sent<Result>(send: () => Promise<Result> | undefined): Promise<Result> {
    if (this.#isClosed) {
      throw new DirectoryError('DIRECTORY_UNREACHABLE', 'the directory is closed');
    }
    // A Redis Cluster has a connection for each shard.
    const { stream } = this.#client as { readonly stream?: Writable };
    if (stream) this.#batches.collect(stream);
    try {
      return (await send()) as Result;
    } catch (error) {
      throw directoryErrorOf(this.#address.shown, error);
    }
  }

  #create(): Redis | Cluster {
    const { Cluster, Redis } = this.#ioredis;
    const { kind, hosts } = this.#address;
    if (kind !== 'cluster') {
      return new Redis({
        ...this.#redisOptions(),
        ...this.#serverOptions(),
        retryStrategy: (attempt: number) => (this.#isOpen ? reconnectDelay(attempt) : null),
        sentinelRetryStrategy: (attempt: number) => (this.#isOpen ? reconnectDelay(attempt) : null),
      });
    }
    return new Cluster([...hosts], {
      lazyConnect: true,
      enableOfflineQueue: false,
      redisOptions: this.#redisOptions(),
      clusterRetryStrategy: (attempt) => (this.#isOpen ? reconnectDelay(attempt) : null),
      // Only after answers that say that the request was not executed.
      retryDelayOnTryAgain: Math.ceil(this.#options.commandTimeout / 40),
      retryDelayOnFailover: 0,
      retryDelayOnClusterDown: 0,
      slotsRefreshTimeout: connectTimeout,
      slotsRefreshInterval: 5_000,
    });
  }

  #redisOptions(): ClientOptions {
    const { username, password, isTls } = this.#address;
    const { name, commandTimeout } = this.#options;
    return {
      ...(username !== null && { username }),
      ...(password !== null && { password }),
      ...(isTls && { tls: this.#tls() }),
      connectionName: name,
      commandTimeout,
      connectTimeout,
      // A connection without answers is closed and opened again.
      socketTimeout: 2 * commandTimeout,
      lazyConnect: true,
      protocol: 2,
      disableClientInfo: true,
      enableOfflineQueue: false,
      enableAutoPipelining: false,
      autoResendUnfulfilledCommands: false,
      autoResubscribe: false,
      maxRetriesPerRequest: 0,
      maxLoadingRetryTime: 500,
      // A master that became a replica.
      reconnectOnError: (error) => error.message.startsWith('READONLY'),
    };
  }

  #serverOptions(): ClientOptions {
    const { kind, hosts, master, database, isTls } = this.#address;
    const [{ host, port } = { host: 'localhost', port: 6_379 }] = hosts;
    if (kind !== 'sentinel') return { host, port, db: database };
    return {
      sentinels: [...hosts],
      Connector: quietSentinelConnector(this.#ioredis),
      failoverDetector: true,
      name: master,
      db: database,
      sentinelCommandTimeout: this.#options.commandTimeout,
      ...(isTls && { enableTLSForSentinelMode: true, sentinelTLS: this.#tls() }),
    };
  }

  #tls(): ConnectionOptions {
    const { ca } = this.#options;
    return ca === undefined ? {} : { ca };
  }

  /** Any node of a Redis Cluster: all hear all channels. */
  #anyNode(): ClientOptions | null {
    if (this.#address.kind !== 'cluster') return null;
    const nodes = (this.#client as Cluster).nodes('master');
    const node = nodes[Math.floor(Math.random() * nodes.length)];
    const { host, port } = node?.options ?? {};
    return node
      ? { ...(host !== undefined && { host }), ...(port !== undefined && { port }) }
      : null;
  }
}

/**
 * Closes a client for ever.
 * @param waits whether requests under way are answered first
 */
export async function closed(client: Redis | Cluster, waits: boolean): Promise<void> {
  const isConnected = ['ready', 'connect', 'connecting'].includes(client.status);
  const ended = new Promise<void>((resolve) => client.once('end', () => resolve()));
  if (waits) await client.quit().catch(() => {});
  client.disconnect();
  // A client that waits for its next attempt to connect never tells that it has ended.
  let late: NodeJS.Timeout | undefined;
  const isLate = new Promise<void>((resolve) => {
    late = setTimeout(resolve, isConnected ? 1_000 : 0);
  });
  await Promise.race([ended, isLate]);
  clearTimeout(late);
}

function commandOf(script: RedisScript): string {
  return `ixgate:${script}`;
}
