import { setTimeout as delay } from 'node:timers/promises';
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
/** A key that no name has and that is written before the bucket is read. */
const markKey = '=1';
const noHolders: NameValue = { h: [], f: 0 };

/** How often a bucket is read while its replica is late, and the milliseconds between. */
const maxScans = 40;
const scanInterval = 50;

/** The names in their bucket, and whether the server has lost some of what it had acknowledged. */
export class NameStore {
  readonly #bucket: NatsBucket<NameValue>;
  readonly #floor: NatsBucket<number>;
  readonly #onLoss: () => void;
  readonly #late: () => Error;
  /** The highest epoch that was seen. */
  #epoch = 0;
  /** The highest revision that was acknowledged, and when the stream was created. */
  #revision = 0;
  #created: string | null = null;
  #canary: number | null = null;
  /** Names whose last write has an unknown outcome. */
  readonly #unsettled = new Set<string>();

  /**
   * @param floor the bucket with the epoch that the next grants exceed. @param onLoss writes were lost
   * @param late the error when a replica does not catch up
   */
  constructor(
    bucket: NatsBucket<NameValue>,
    floor: NatsBucket<number>,
    { onLoss, late }: { onLoss: () => void; late: () => Error },
  ) {
    this.#bucket = bucket;
    this.#floor = floor;
    this.#onLoss = onLoss;
    this.#late = late;
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

  /** All names. One that is changed meanwhile may be as before, as after, or missing. */
  async scan(): Promise<NameState[]> {
    // In a NATS cluster a replica answers, which may be late: it has everything that was written before this mark when it has the mark.
    const mark = (await this.#bucket.put(markKey, noHolders, null)) ?? 0;
    for (let attempt = 0; attempt < maxScans; attempt += 1) {
      if (attempt > 0) await delay(scanInterval);
      const stored = await this.#bucket.scan();
      if (!stored.some(({ key, revision }) => key === markKey && revision >= mark)) continue;
      const names = stored.filter(({ key }) => key !== markKey && key !== canaryKey);
      return names.map((one) => this.#seen(nameStateOf(nameOf(one), one)));
    }
    throw this.#late();
  }

  /** @returns the new revision; null if the name was changed since it was read */
  async write(state: NameState, entries: readonly NameEntry[]): Promise<number | null> {
    const { clientName } = state;
    const before = this.#revision;
    const value = nameValueOf(state, entries, Math.max(state.epoch, this.#epoch));
    let revision: number | null;
    try {
      revision = await this.#bucket.put(keyOf(clientName), value, state.revision);
    } catch (error) {
      this.#unsettled.add(clientName);
      throw error;
    }
    if (revision === null) return null;
    if (revision > before) this.#revision = Math.max(this.#revision, revision);
    else this.#lost(revision);
    return revision;
  }

  /**
   * Ends writes with an unknown outcome: each has either arrived, or is refused when it arrives, since the name has another revision.
   * Before this, a write may arrive when its gate no longer counts on it.
   */
  async settle(): Promise<void> {
    for (const clientName of this.#unsettled) {
      let revision: number | null = null;
      while (revision === null) {
        const state = await this.read(clientName);
        revision = await this.write(state, state.entries);
      }
      this.#unsettled.delete(clientName);
    }
  }

  /**
   * Removes the key of a name whose value has no holders. If another gate has written the name since, what it has written stays.
   * @param state the one that the value has replaced. @param revision the one of the value
   */
  async remove(
    { clientName, revision: before, isFirst }: NameState,
    revision: number,
  ): Promise<void> {
    if (isFirst) {
      // The usual case: two revisions, the later one last. Removing all revisions of a key costs the server more the more names there are.
      await this.#bucket.removeRevision(before);
      await this.#bucket.removeRevision(revision);
    } else {
      await this.#bucket.remove(keyOf(clientName), revision);
    }
  }

  /** Removes the key of a name, unless another gate has written it since. */
  async drop({ clientName, revision }: NameState): Promise<void> {
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
      const revision = await this.#bucket.put(canaryKey, noHolders, 0);
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
