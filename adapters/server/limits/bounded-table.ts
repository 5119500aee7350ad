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
  /** A binary heap: no entry expires before its parent, which is at (index - 1) / 2. */
  readonly #heap: HeapNode<Kept>[] = [];

  /** @param max maximum number of entries, 1 or more */
  constructor(max: number) {
    this.#max = max;
  }

  get size(): number {
    return this.#heap.length;
  }

  /** The entry of a source, which may have expired. */
  get(source: string): Kept | undefined {
    return this.#bySource.get(source)?.kept;
  }

  /** Sets the entry of its source. */
  put(kept: Kept, now: number): void {
    this.#forget(this.#bySource.get(kept.source));
    for (let forgotten = 0; forgotten < endedAtOnce; forgotten += 1) {
      const [first] = this.#heap;
      if (first && first.kept.until <= now) this.#forget(first);
    }
    if (this.#heap.length >= this.#max) this.#forget(this.#heap[0]);
    const place = { kept, index: -1 };
    this.#bySource.set(kept.source, place);
    this.#settle(place, this.#heap.length);
  }

  #forget(place: HeapNode<Kept> | undefined): void {
    if (!place) return;
    this.#bySource.delete(place.kept.source);
    const last = this.#heap.pop();
    // The last node fills the gap, and moves up or down from there.
    if (last && last !== place) this.#settle(last, place.index);
  }

  #settle(place: HeapNode<Kept>, from: number): void {
    let index = from;
    for (;;) {
      const above = index > 0 ? this.#heap[(index - 1) >> 1] : undefined;
      if (!above || above.kept.until <= place.kept.until) break;
      const free = above.index;
      this.#stand(above, index);
      index = free;
    }
    for (;;) {
      const below = this.#firstBelow(index);
      if (!below || below.kept.until >= place.kept.until) break;
      const free = below.index;
      this.#stand(below, index);
      index = free;
    }
    this.#stand(place, index);
  }

  #firstBelow(index: number): HeapNode<Kept> | undefined {
    const left = this.#heap[2 * index + 1];
    const right = this.#heap[2 * index + 2];
    return left && right && right.kept.until < left.kept.until ? right : left;
  }

  #stand(place: HeapNode<Kept>, index: number): void {
    place.index = index;
    this.#heap[index] = place;
  }
}

/** An entry and its index in the heap. */
interface HeapNode<Kept> {
  readonly kept: Kept;
  index: number;
}
