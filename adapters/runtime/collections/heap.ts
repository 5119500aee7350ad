/** A binary heap: finds the first of many items in some order without sorting them. */
export class Heap<Item> {
  /** No item comes before its parent, the item at (index - 1) / 2. */
  readonly #items: Item[] = [];
  readonly #isBefore: (one: Item, other: Item) => boolean;
  readonly #onMove: ((item: Item, index: number) => void) | undefined;

  /** @param onMove called with the index of an item whenever it is placed, for `remove`. */
  constructor(
    isBefore: (one: Item, other: Item) => boolean,
    onMove?: (item: Item, index: number) => void,
  ) {
    this.#isBefore = isBefore;
    this.#onMove = onMove;
  }

  get size(): number {
    return this.#items.length;
  }

  /** The first item, which stays in the heap; undefined when the heap is empty. */
  get first(): Item | undefined {
    return this.#items[0];
  }

  push(item: Item): void {
    this.#place(item, this.#items.length);
  }

  /** Removes and returns the first item. */
  pop(): Item | undefined {
    return this.remove(0);
  }

  /** Removes and returns the item at an index that `onMove` reported last. */
  remove(index: number): Item | undefined {
    const item = this.#items[index];
    const last = this.#items.pop();
    // The last item fills the gap and moves up or down from there.
    if (last !== undefined && index < this.#items.length) this.#place(last, index);
    return item;
  }

  /** Places an item, beginning at a free index. */
  #place(item: Item, from: number): void {
    let index = from;
    for (;;) {
      const parent = (index - 1) >> 1;
      const above = index > 0 ? this.#items[parent] : undefined;
      if (above === undefined || !this.#isBefore(item, above)) break;
      this.#set(above, index);
      index = parent;
    }
    for (;;) {
      let child = 2 * index + 1;
      const [left, right] = [this.#items[child], this.#items[child + 1]];
      if (left !== undefined && right !== undefined && this.#isBefore(right, left)) child += 1;
      const below = this.#items[child];
      if (below === undefined || !this.#isBefore(below, item)) break;
      this.#set(below, index);
      index = child;
    }
    this.#set(item, index);
  }

  #set(item: Item, index: number): void {
    this.#items[index] = item;
    this.#onMove?.(item, index);
  }
}
