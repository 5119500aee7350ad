import type { Redis } from 'ioredis';
import { closed, reconnectDelay } from './redis-connection.js';

export interface RedisSubscriberOptions {
  readonly channels: readonly string[];
  /** A new client, not yet connected. */
  readonly create: () => Redis;
  /** Milliseconds between two pings, which find a dead connection. */
  readonly pingInterval: number;
  readonly onMessage: (channel: string, text: string) => void;
  /** Called when the connection was lost and is open again. */
  readonly onReconnected: () => void;
}

/** The connection that hears channels. It is opened again when it is lost. */
export class RedisSubscriber {
  readonly #options: RedisSubscriberOptions;
  #client: Redis | null = null;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: RedisSubscriberOptions) {
    this.#options = options;
  }

  /** @throws the error of the first attempt */
  async open(): Promise<void> {
    const client = this.#options.create();
    this.#client = client;
    let problem: unknown = null;
    client.on('error', (error) => {
      problem ??= error;
    });
    client.on('message', (channel, text) => {
      if (!this.#isClosed) this.#options.onMessage(channel, text);
    });
    let isOpen = false;
    client.once('end', () => {
      if (isOpen) this.#lost();
    });
    try {
      await client.connect();
      await client.subscribe(...this.#options.channels);
    } catch (error) {
      client.disconnect();
      throw problem ?? error;
    }
    isOpen = true;
    this.#ping(client);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    if (this.#client) await closed(this.#client, false);
  }

  #ping(client: Redis): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      client.ping().then(
        () => this.#ping(client),
        () => client.disconnect(),
      );
    }, this.#options.pingInterval);
  }

  #lost(): void {
    clearTimeout(this.#timer);
    this.#reopen(1);
  }

  #reopen(attempt: number): void {
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => {
      this.open().then(
        () => this.#isClosed || this.#options.onReconnected(),
        () => this.#reopen(attempt + 1),
      );
    }, reconnectDelay(attempt));
  }
}
