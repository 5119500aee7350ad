import type { NatsBucket } from './nats-bucket.js';
import {
  grantedAt,
  keyOf,
  type NameEntry,
  type NameState,
  type NameValue,
  nameOf,
  nameStateOf,
  nameValueOf,
} from './nats-names.js';

const floorKey = 'epoch';

/** A key that no name has and no gate changes: when it is gone, the bucket was emptied. */
const canaryKey = '=0';
const canaryValue: NameValue = { h: [], f: 0 };

/** The names in their bucket, and whether the server has lost some of what it had acknowledged. */
export class NameStore {
  readonly #bucket: NatsBucket<NameValue>;
  readonly #floor: NatsBucket<number>;
  readonly #onLoss: () => void;
  /** The highest epoch that was seen. */
  #epoch = 0;
  /** The highest revision that was acknowledged, and when the stream was created. */
  #revision = 0;
  #created: string | null = null;
  #canary: number | null = null;

  /** @param floor the bucket with the epoch that the next grants exceed. @param onLoss writes were lost */
  constructor(bucket: NatsBucket<NameValue>, floor: NatsBucket<number>, onLoss: () => void) {
    this.#bucket = bucket;
    this.#floor = floor;
    this.#onLoss = onLoss;
  }

  /** Reads the epoch that the next grants exceed. */
  async readFloor(): Promise<void> {
    this.#epoch = Math.max(this.#epoch, (await this.#floor.get(floorKey))?.value ?? 0);
  }

  /**
   * The next grants of all gates exceed this epoch. It is needed for an epoch that is ahead of the server's clock: when that was set back.
   */
  async raiseFloor(epoch: number): Promise<void> {
    for (;;) {
      const stored = await this.#floor.get(floorKey);
      if (stored && stored.value >= epoch) return;
      if ((await this.#floor.put(floorKey, epoch, stored?.revision ?? 0)) !== null) return;
    }
  }

  async read(clientName: string): Promise<NameState> {
    return this.#seen(nameStateOf(clientName, await this.#bucket.get(keyOf(clientName))));
  }

  /** A value that is changed meanwhile may be the old one, the new one or missing. */
  async scan(): Promise<NameState[]> {
    const stored = (await this.#bucket.scan()).filter(({ key }) => key !== canaryKey);
    return stored.map((one) => this.#seen(nameStateOf(nameOf(one), one)));
  }

  /** @returns the new revision; null if the name was changed since it was read */
  async write(state: NameState, entries: readonly NameEntry[]): Promise<number | null> {
    const { clientName } = state;
    const before = this.#revision;
    const value = nameValueOf(clientName, entries, Math.max(state.epoch, this.#epoch));
    const revision = await this.#bucket.put(keyOf(clientName), value, state.revision);
    if (revision === null) return null;
    if (revision > before) this.#revision = Math.max(this.#revision, revision);
    else this.#lost(revision);
    return revision;
  }

  /** Removes the key of a name without holders. Another gate may have written it since: then it stays. */
  async remove(clientName: string, revision: number): Promise<void> {
    await this.#bucket.remove(keyOf(clientName), revision);
  }

  /** The epoch of a grant; null if the name was changed several times since. */
  async granted(revision: number): Promise<number | null> {
    const stored = await this.#bucket.at(revision);
    if (!stored) return null;
    const epoch = grantedAt(stored);
    this.#epoch = Math.max(this.#epoch, epoch);
    return epoch;
  }

  /** Compares the stream with what was acknowledged. */
  async check(): Promise<void> {
    const before = { revision: this.#revision, created: this.#created, canary: this.#canary };
    const [{ created, lastRevision }, canary] = await Promise.all([
      this.#bucket.state(),
      this.#readCanary(),
    ]);
    this.#created = created;
    this.#canary = canary;
    const isSame = before.created === null || before.created === created;
    const isKept = before.canary === null || before.canary === canary;
    if (!isSame || !isKept || lastRevision < before.revision) this.#lost(lastRevision);
  }

  /** Its revision. */
  async #readCanary(): Promise<number> {
    for (;;) {
      const stored = await this.#bucket.get(canaryKey);
      if (stored) return stored.revision;
      const revision = await this.#bucket.put(canaryKey, canaryValue, 0);
      if (revision !== null) return revision;
    }
  }

  #lost(revision: number): void {
    this.#revision = revision;
    this.#onLoss();
  }

  #seen(state: NameState): NameState {
    this.#epoch = Math.max(this.#epoch, state.epoch);
    return state;
  }
}
