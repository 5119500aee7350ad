import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type {
  ClusterSettings,
  Directory,
  DirectoryHandlers,
  DirectoryPartition,
} from '../directory.js';
import { Members, type MemberValue } from './members.js';
import { NameStore } from './name-store.js';
import { NatsBucket } from './nats-bucket.js';
import { NatsChannel } from './nats-channel.js';
import { type LeaseValue, NatsLeases } from './nats-leases.js';
import type { NatsLink } from './nats-link.js';
import type { NameValue } from './nats-names.js';
import { NatsPartition } from './nats-partition.js';
import { StoreTime } from './store-time.js';

/** The names of the buckets and subjects of a cluster. */
export interface NatsPlaces {
  readonly names: string;
  readonly leases: string;
  readonly settings: string;
  /** The beginning of subjects. */
  readonly subjects: string;
}

interface NatsDirectoryOptions {
  readonly link: NatsLink;
  readonly places: NatsPlaces;
  readonly address: string;
  readonly lease: number;
  /** Creates the buckets where they do not exist. */
  readonly create: () => Promise<void>;
}

/** Milliseconds between attempts to use a server again. */
const retryInterval = 250;

/**
 * A directory in NATS: one partition, whose names are keys of a bucket. The names of one incarnation are not stored together, so an audit,
 * a sweep and a list read the whole bucket.
 */
export class NatsDirectory implements Directory {
  readonly kind = 'nats';
  readonly address: string;
  readonly lease: number;
  readonly partitions: readonly [DirectoryPartition];
  readonly #link: NatsLink;
  readonly #create: () => Promise<void>;
  readonly #settings: NatsBucket<ClusterSettings>;
  readonly #times: NatsBucket<null>;
  readonly #time = new StoreTime();
  readonly #channel: NatsChannel;
  #agreed: ClusterSettings | null = null;
  #isRecovering = false;
  /** Number of times that the connection was lost. */
  #losses = 0;

  constructor({ link, places, address, lease, create }: NatsDirectoryOptions) {
    this.address = address;
    this.lease = lease;
    this.#link = link;
    this.#create = create;
    this.#settings = new NatsBucket(link, places.settings);
    this.#times = new NatsBucket(link, places.leases);
    const channel = new NatsChannel(link, places.subjects);
    const nameBucket = new NatsBucket<NameValue>(link, places.names);
    const floorBucket = new NatsBucket<number>(link, places.settings);
    const names = new NameStore(nameBucket, floorBucket, {
      onLoss: () => channel.gap(),
      late: () => link.unreachable('a replica is late'),
    });
    const leaseBucket = new NatsBucket<LeaseValue>(link, places.leases);
    const leases = new NatsLeases(leaseBucket, lease, this.#time);
    const memberBucket = new NatsBucket<MemberValue>(link, places.settings);
    const members = new Members(memberBucket, leases, names);
    this.partitions = [
      new NatsPartition({ link, names, leases, members, channel, time: this.#time }),
    ];
    this.#channel = channel;
    link.onMissing = () => this.#recover();
    void this.#follow();
  }

  partitionOf(): DirectoryPartition {
    return this.partitions[0];
  }

  async time(): Promise<number> {
    const sent = performance.now();
    // It has the time limit of leases.
    const revision = await this.#times.put(`t.${randomUUID()}`, null, null);
    const stored = revision === null ? null : await this.#times.at(revision);
    if (stored) this.#time.set(sent, stored.time);
    return this.#time.now();
  }

  async agree(settings: ClusterSettings): Promise<ClusterSettings> {
    await this.#settings.put('settings', settings, 0);
    const stored = await this.#settings.get('settings');
    if (!stored) throw this.#link.unreachable('its settings were removed');
    this.#agreed = stored.value;
    return stored.value;
  }

  async watch(node: string, handlers: DirectoryHandlers): Promise<void> {
    const [partition] = this.partitions;
    await this.#channel.watch(node, {
      kick: (kick) => handlers.kick({ ...kick, partition }),
      message: (text) => handlers.message(text),
      gap: () => handlers.gap(partition),
    });
  }

  async send(node: string | null, text: string): Promise<void> {
    this.#channel.text(node, text);
  }

  async close(): Promise<void> {
    this.#channel.stop();
    // What was just sent arrives.
    await this.#link.flush().catch(() => {});
    this.#link.shut();
    await this.#link.connection.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #follow(): Promise<void> {
    for await (const { type } of this.#link.connection.status()) {
      if (type === 'disconnect' || type === 'staleConnection') {
        this.#losses += 1;
        this.#link.shut();
      }
      if (type === 'reconnect') this.#recover();
    }
  }

  /** After a reconnect, and when buckets are missing: messages, writes or all may be lost. */
  #recover(): void {
    this.#link.shut();
    if (this.#isRecovering) return;
    this.#isRecovering = true;
    void this.#reopen().finally(() => {
      this.#isRecovering = false;
    });
  }

  async #reopen(): Promise<void> {
    while (!this.#link.connection.isClosed()) {
      const losses = this.#losses;
      try {
        await this.#create();
        if (losses !== this.#losses) continue;
        this.#link.open();
        if (this.#agreed) await this.#settings.put('settings', this.#agreed, 0);
        this.#channel.gap();
        return;
      } catch {
        // The server does not answer yet.
        this.#link.shut();
        await delay(retryInterval, undefined, { ref: false });
      }
    }
  }
}
