import type { ClusterSettings, Directory, DirectoryHandlers } from '../directory.js';
import { partitionIndexOf } from '../directory-names.js';
import { DirectoryError } from '../errors.js';
import type { RedisKeys } from './keys.js';
import type { RedisConnection } from './redis-connection.js';
import { RedisPartition } from './redis-partition.js';
import { RedisSubscriber } from './redis-subscriber.js';

export interface RedisDirectoryParts {
  readonly address: string;
  readonly connection: RedisConnection;
  readonly keys: RedisKeys;
  /** Milliseconds. */
  readonly lease: number;
  readonly partitions: number;
}

/** A directory in Redis or Valkey. `openRedisDirectory` opens it. */
export class RedisDirectory implements Directory {
  readonly kind = 'redis';
  readonly address: string;
  readonly lease: number;
  readonly partitions: readonly RedisPartition[];
  readonly #connection: RedisConnection;
  readonly #keys: RedisKeys;
  #handlers: DirectoryHandlers | null = null;
  #subscriber: RedisSubscriber | null = null;

  constructor({ address, connection, keys, lease, partitions }: RedisDirectoryParts) {
    this.address = address;
    this.lease = lease;
    this.#connection = connection;
    this.#keys = keys;
    this.partitions = Array.from(
      { length: partitions },
      (_, index) =>
        new RedisPartition({
          ...{ index, partitions, keys, connection, lease },
          onGap: (partition) => this.#handlers?.gap(partition),
        }),
    );
    connection.onReconnected = () => this.#gapEverywhere();
  }

  partitionOf(clientName: string): RedisPartition {
    const { partitions } = this;
    return partitions[partitionIndexOf(clientName, partitions.length)] as RedisPartition;
  }

  async time(): Promise<number> {
    const [seconds, microseconds] = await this.#connection.time();
    return seconds * 1_000 + Math.floor(microseconds / 1_000);
  }

  async agree(settings: ClusterSettings): Promise<ClusterSettings> {
    const text = JSON.stringify(settings);
    const [stored] = await this.#connection.run('agree', [this.#keys.settings], [text]);
    const { format, lease, partitions } = parsed(stored);
    if ([format, lease, partitions].every((value) => typeof value === 'number')) {
      return { format, lease, partitions } as ClusterSettings;
    }
    const problem = `the key ${this.#keys.settings} of the directory ${this.address} is not from ixgate; use another --cluster name or database`;
    throw new DirectoryError('CLUSTER_SETTINGS', problem);
  }

  async watch(node: string, handlers: DirectoryHandlers): Promise<void> {
    await this.#subscriber?.close();
    const own = this.#keys.nodeChannel + node;
    const subscriber = new RedisSubscriber({
      channels: [own, this.#keys.clusterChannel],
      create: () => this.#connection.createSubscriber(),
      pingInterval: this.lease / 3,
      onMessage: (_, text) => this.#heard(text),
      onReconnected: () => this.#gapEverywhere(),
    });
    this.#subscriber = subscriber;
    this.#handlers = handlers;
    try {
      await subscriber.open();
    } catch (error) {
      this.#handlers = null;
      throw this.#connection.errorOf(error);
    }
  }

  async send(node: string | null, text: string): Promise<void> {
    const { clusterChannel, nodeChannel } = this.#keys;
    await this.#connection.publish(node === null ? clusterChannel : nodeChannel + node, `m${text}`);
  }

  async close(): Promise<void> {
    this.#handlers = null;
    await Promise.all([this.#subscriber?.close(), this.#connection.close()]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #heard(text: string): void {
    if (text.startsWith('m')) {
      this.#handlers?.message(text.slice(1));
      return;
    }
    const [, index, rest = ''] = /^k (\d+) (.*)$/s.exec(text) ?? [];
    const kick = index === undefined ? null : this.partitions[Number(index)]?.kickOf(rest);
    if (kick) this.#handlers?.kick(kick);
  }

  #gapEverywhere(): void {
    for (const partition of this.partitions) this.#handlers?.gap(partition);
  }
}

function parsed(text: unknown): Record<string, unknown> {
  try {
    return Object(JSON.parse(String(text)));
  } catch {
    return {};
  }
}
