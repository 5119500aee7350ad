import { Heap } from '../../runtime/collections/heap.js';

/** What is remembered of a source. */
export interface Entry {
  readonly source: string;
  /** From when on it says no more than if nothing were remembered, on the clock of the table's owner. */
  readonly until: number;
}

/** Ended ones that are forgotten for each that is put: more than one, so that memory comes back, and never all at once. */
const endedAtOnce = 2;

/**
 * What is remembered of sources, of so many at most: when they are more, the one that ends first is forgotten.
 *
 * A Map for the source, and a binary heap for what ends first, so that nothing is ever searched whole: a Map alone that is used as a queue
 * walks over its deleted entries, 20 microseconds for each stranger of a flood instead of one.
 */
export class BoundedTable<Kept extends Entry> {
  readonly #most: number;
  readonly #bySource = new Map<string, HeapNode<Kept>>();
  /** The one that ends first is the first. */
  readonly #heap = new Heap<HeapNode<Kept>>(
    (one, other) => one.kept.until < other.kept.until,
    (place, index) => {
      place.index = index;
    },
  );

  /** @param max sources that are remembered, 1 or more. */
  constructor(max: number) {
    this.#most = max;
  }

  get size(): number {
    return this.#heap.size;
  }

  /** May have ended. */
  get(source: string): Kept | undefined {
    return this.#bySource.get(source)?.kept;
  }

  /** Remembers this of its source, in place of what was remembered of it. */
  put(kept: Kept, now: number): void {
    this.#forget(this.#bySource.get(kept.source));
    for (let forgotten = 0; forgotten < endedAtOnce; forgotten += 1) {
      const { first } = this.#heap;
      if (first && first.kept.until <= now) this.#forget(first);
    }
    if (this.#heap.size >= this.#most) this.#forget(this.#heap.first);
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

/** Where something stands in the heap. */
interface HeapNode<Kept> {
  readonly kept: Kept;
  index: number;
}
