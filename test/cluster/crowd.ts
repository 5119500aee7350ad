import { setTimeout as sleep } from 'node:timers/promises';
import { createClient, type GateClient } from '../../adapters/client/index.js';
import { lineClient, registerRequest } from '../support/line-client.js';

export interface CrowdOptions {
  /** Ports of the gates. */
  readonly ports: readonly number[];
  readonly clients: number;
  /** Milliseconds between two requests of a client. */
  readonly requestInterval: number;
}

/** Clients with different names that stay registered, at any of the gates, and send requests all the time. */
export class Crowd implements AsyncDisposable {
  readonly #options: CrowdOptions;
  readonly #clients = new Map<string, GateClient>();
  readonly #rivals = new Set<Promise<void>>();
  #timers: NodeJS.Timeout[] = [];
  /** Registrations that clients saw acknowledged. */
  acknowledged = 0;

  constructor(options: CrowdOptions) {
    this.#options = options;
    for (let number = 1; number <= options.clients; number += 1) this.#join(`desk-${number}`);
    this.#every(options.requestInterval, () => this.#ask());
  }

  get names(): string[] {
    return [...this.#clients.keys()];
  }

  /** Names whose client is not registered. */
  get away(): string[] {
    return this.names.filter((name) => this.#clients.get(name)?.state !== 'online');
  }

  /** From now on clients move to other gates, and others want their names. */
  stir({ moves, rivals }: { readonly moves: number; readonly rivals: number }): void {
    this.#every(moves, () => {
      const name = this.#any(this.names);
      void this.#clients.get(name)?.close();
      this.#join(name);
    });
    this.#every(rivals, () => {
      const rival = this.#rival().catch(() => {});
      this.#rivals.add(rival);
      void rival.finally(() => this.#rivals.delete(rival));
    });
  }

  /** Ends what `stir` began. The rivals leave. */
  async calm(): Promise<void> {
    for (const timer of this.#timers.splice(1)) clearInterval(timer);
    await Promise.all(this.#rivals);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const timer of this.#timers.splice(0)) clearInterval(timer);
    await Promise.all([...this.#clients.values()].map((client) => client.close()));
    await Promise.all(this.#rivals);
  }

  #join(clientName: string): void {
    const ports = [...this.#options.ports].sort(() => Math.random() - 0.5);
    const client = createClient({
      endpoints: ports.map((port) => `tcp://127.0.0.1:${port}`),
      clientName,
      clientType: 'AgentApplication',
      reconnect: { initialDelay: 50, maxDelay: 500, spread: 500, retryRefused: true },
      ...{ replyTimeout: 2_000, requestTimeout: 1_000, maxTimeouts: 2, connectTimeout: 2_000 },
    });
    client.on('registered', () => {
      this.acknowledged += 1;
    });
    client.registered.catch(() => {});
    this.#clients.set(clientName, client);
  }

  #ask(): void {
    for (const client of this.#clients.values()) {
      if (client.state !== 'online') continue;
      client.request({ messageName: 'RequestAgentAvailable' }).catch(() => {});
    }
  }

  /** A client without this project's code that wants a name for a moment. */
  async #rival(): Promise<void> {
    const clientName = this.#any(this.names);
    await using client = await lineClient(this.#any(this.#options.ports));
    client.say(registerRequest({ clientName }));
    const answer = await Promise.race([client.next(), sleep(2_000, null)]);
    if (answer?.messageName === 'EventAck') await sleep(Math.random() * 300);
  }

  #any<Item>(items: readonly Item[]): Item {
    return items[Math.floor(Math.random() * items.length)] as Item;
  }

  #every(ms: number, act: () => void): void {
    this.#timers.push(setInterval(act, ms));
  }
}
