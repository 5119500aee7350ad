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
  /** No member ends before the one above it, which stands at (index - 1) / 2. */
  readonly #heap: HeapNode<Kept>[] = [];

  /** @param max sources that are remembered, 1 or more. */
  constructor(max: number) {
    this.#most = max;
  }

  get size(): number {
    return this.#heap.length;
  }

  /** May have ended. */
  get(source: string): Kept | undefined {
    return this.#bySource.get(source)?.kept;
  }

  /** Remembers this of its source, in place of what was remembered of it. */
  put(kept: Kept, now: number): void {
    this.#forget(this.#bySource.get(kept.source));
    for (let forgotten = 0; forgotten < endedAtOnce; forgotten += 1) {
      const [first] = this.#heap;
      if (first && first.kept.until <= now) this.#forget(first);
    }
    if (this.#heap.length >= this.#most) this.#forget(this.#heap[0]);
    const place = { kept, index: -1 };
    this.#bySource.set(kept.source, place);
    this.#settle(place, this.#heap.length);
  }

  #forget(place: HeapNode<Kept> | undefined): void {
    if (!place) return;
    this.#bySource.delete(place.kept.source);
    const last = this.#heap.pop();
    // The last one fills the gap, and goes up or down from there.
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

/** Where something stands in the heap. */
interface HeapNode<Kept> {
  readonly kept: Kept;
  index: number;
}
