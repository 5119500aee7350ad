/** Directories in a real nats-server. */
import { randomUUID } from 'node:crypto';
import type { Directory, DirectoryPartition, Kick } from '../../adapters/directory/directory.js';
import {
  type NatsDirectoryOptions,
  openNatsDirectory,
} from '../../adapters/directory/nats/open-nats-directory.js';
import type { TestStore } from './contract.js';

/**
 * The adapter needs nats-server 2.11. Debian bookworm and the machines of this project have 2.9.10 only, so the tests run on that one:
 * what the adapter uses, limits of age for a bucket and compare-and-set, works there. They were not run on 2.11.
 */
const minVersion = '2.9.0';

/** A new cluster on a server. */
export function natsStore(url: string, options: Partial<NatsDirectoryOptions> = {}): TestStore {
  const cluster = `test-${randomUUID()}`;
  const opened: Directory[] = [];
  return {
    async connect() {
      // A busy machine is slow to answer.
      const common = { cluster, minVersion, commandTimeout: 10_000 };
      const directory = await openNatsDirectory(url, { ...common, ...options });
      opened.push(directory);
      return directory;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(opened.map((directory) => directory.close()));
    },
  };
}

/** A gate that hears, and has joined. */
export class NatsGate {
  readonly directory: Directory;
  readonly node: string;
  readonly kicks: Kick[] = [];
  gaps = 0;
  incarnation = '';
  #sessions = 0;

  private constructor(directory: Directory, node: string) {
    this.directory = directory;
    this.node = node;
  }

  static async open(directory: Directory, node: string): Promise<NatsGate> {
    const gate = new NatsGate(directory, node);
    await directory.watch(node, {
      kick: (kick) => gate.kicks.push(kick),
      message: () => {},
      gap: () => {
        gate.gaps += 1;
      },
    });
    await gate.join();
    return gate;
  }

  get partition(): DirectoryPartition {
    return this.directory.partitionOf('');
  }

  async join(): Promise<void> {
    this.incarnation = await this.partition.join(this.node);
  }

  renew() {
    return this.partition.renew(this.incarnation);
  }

  claim(clientName: string, policy: 'reject' | 'takeover' = 'reject') {
    const { incarnation } = this;
    this.#sessions += 1;
    const session = `${this.node}-${this.#sessions}`;
    return this.partition.claim({ incarnation, clientName, session, cap: 1, policy });
  }

  /** @returns the epoch */
  async granted(clientName: string, policy: 'reject' | 'takeover' = 'reject'): Promise<number> {
    const outcome = await this.claim(clientName, policy);
    if (outcome.outcome !== 'granted') throw new Error(`${clientName}: ${outcome.outcome}`);
    return outcome.epoch;
  }

  /** `node` of each holder. */
  async holdersOf(clientName: string): Promise<string[]> {
    return (await this.partition.holders(clientName)).map(({ node }) => node);
  }
}
