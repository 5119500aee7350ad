import { Heap } from '../../runtime/collections/heap.js';

/** An entry of a BoundedTable. */
export interface Entry {
  readonly source: string;
  /** When the entry expires and may be forgotten, on the clock of the table's owner. */
  readonly until: number;
}

/** Expired entries that are removed for each new one: more than one, so that memory comes back, and never all at once. */
const endedAtOnce = 2;

/**
 * Entries by source, with a maximum number. When the table is full, the entry that expires first is removed.
 *
 * A Map finds the source and a binary heap the first to expire. A Map alone, used as a queue, walks over its deleted entries: that takes
 * 20 microseconds for each source of a flood instead of one.
 */
export class BoundedTable<Kept extends Entry> {
  readonly #max: number;
  readonly #bySource = new Map<string, HeapNode<Kept>>();
  /** The first to expire is on top. */
  readonly #heap = new Heap<HeapNode<Kept>>(
    (one, other) => one.kept.until < other.kept.until,
    (place, index) => {
      place.index = index;
    },
  );

  /** @param max maximum number of entries, 1 or more */
  constructor(max: number) {
    this.#max = max;
  }

  get size(): number {
    return this.#heap.size;
  }

  /** The entry of a source, which may have expired. */
  get(source: string): Kept | undefined {
    return this.#bySource.get(source)?.kept;
  }

  /** All entries, in no order; some may have expired. */
  *entries(): Generator<Kept> {
    for (const { kept } of this.#bySource.values()) yield kept;
  }

  /** Removes the entry of a source. */
  delete(source: string): void {
    this.#forget(this.#bySource.get(source));
  }

  /** Sets the entry of its source. */
  put(kept: Kept, now: number): void {
    this.#forget(this.#bySource.get(kept.source));
    for (let forgotten = 0; forgotten < endedAtOnce; forgotten += 1) {
      const { first } = this.#heap;
      if (first && first.kept.until <= now) this.#forget(first);
    }
    if (this.#heap.size >= this.#max) this.#forget(this.#heap.first);
    const place = { kept, index: -1 };
    this.#bySource.set(kept.source, place);
    this.#heap.push(place);
  }

  #forget(place: HeapNode<Kept> | undefined): void {
    if (!place) return;
    this.#bySource.delete(place.kept.source);
    this.#heap.remove(place.index);
  }
}

/** An entry and its index in the heap. */
interface HeapNode<Kept> {
  readonly kept: Kept;
  index: number;
}
