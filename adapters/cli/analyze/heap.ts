/** The first of many in some order, found without putting them all in order: a binary heap. */
export class Heap<Item> {
  /** No member comes before the one above it, which stands at (index - 1) / 2. */
  readonly #items: Item[] = [];
  readonly #isBefore: (one: Item, other: Item) => boolean;

  constructor(isBefore: (one: Item, other: Item) => boolean) {
    this.#isBefore = isBefore;
  }

  get size(): number {
    return this.#items.length;
  }

  /** The one that comes first, or undefined. It stays. */
  get first(): Item | undefined {
    return this.#items[0];
  }

  push(item: Item): void {
    const items = this.#items;
    let at = items.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = items[parent];
      if (above === undefined || !this.#isBefore(item, above)) break;
      items[at] = above;
      at = parent;
    }
    items[at] = item;
  }

  /** Takes the one that comes first. */
  pop(): Item | undefined {
    const items = this.#items;
    const [top] = items;
    const last = items.pop();
    if (last === undefined || items.length === 0) return top;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      const [left, right] = [items[child], items[child + 1]];
      if (left !== undefined && right !== undefined && this.#isBefore(right, left)) child += 1;
      const lower = items[child];
      if (lower === undefined || !this.#isBefore(lower, last)) break;
      items[at] = lower;
      at = child;
    }
    items[at] = last;
    return top;
  }
}
