/** A first-in, first-out queue. The first entry of a Map or Set is slow to find after many deletions. */
export class Fifo<Item> {
  #items: (Item | undefined)[] = [];
  #start = 0;

  get size(): number {
    return this.#items.length - this.#start;
  }

  get first(): Item | undefined {
    return this.#items[this.#start];
  }

  push(item: Item): void {
    this.#items.push(item);
  }

  shift(): Item | undefined {
    if (this.size === 0) return undefined;
    const item = this.#items[this.#start];
    this.#items[this.#start] = undefined;
    this.#start += 1;
    if (this.#start >= 1_024 && this.#start > this.#items.length / 2) this.#compact();
    return item;
  }

  /** Keeps items for which `kept` returns true. */
  filter(kept: (item: Item) => boolean): void {
    this.#compact();
    this.#items = (this.#items as Item[]).filter(kept);
  }

  #compact(): void {
    this.#items = this.#items.slice(this.#start);
    this.#start = 0;
  }
}
