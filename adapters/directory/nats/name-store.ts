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

/** The names in their bucket, and whether the server has lost some of what it had acknowledged. */
export class NameStore {
  readonly #bucket: NatsBucket<NameValue>;
  readonly #onLoss: () => void;
  /** The highest epoch that was seen. */
  #epoch = 0;
  /** The highest revision that was acknowledged, and when the stream was created. */
  #revision = 0;
  #created: string | null = null;

  /** @param onLoss writes were lost */
  constructor(bucket: NatsBucket<NameValue>, onLoss: () => void) {
    this.#bucket = bucket;
    this.#onLoss = onLoss;
  }

  async read(clientName: string): Promise<NameState> {
    return this.#seen(nameStateOf(clientName, await this.#bucket.get(keyOf(clientName))));
  }

  /** A value that is changed meanwhile may be the old one, the new one or missing. */
  async scan(): Promise<NameState[]> {
    return (await this.#bucket.scan()).map((one) => this.#seen(nameStateOf(nameOf(one), one)));
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
    const before = this.#revision;
    const state = await this.#bucket.state();
    const isSame = this.#created === null || this.#created === state.created;
    if (isSame && state.lastRevision >= before) this.#created = state.created;
    else this.#lost(state.lastRevision, state.created);
  }

  #lost(revision: number, created = this.#created): void {
    this.#revision = revision;
    this.#created = created;
    this.#onLoss();
  }

  #seen(state: NameState): NameState {
    this.#epoch = Math.max(this.#epoch, state.epoch);
    return state;
  }
}
