/** Collects items between two frames, so that the page renders once per frame. */
export interface Frame<Item> {
  add(item: Item): void;
  /** Delivers the collected items now. */
  flush(): void;
  cancel(): void;
}

/** A hidden page has no frames; it is updated at this interval, in milliseconds. */
const unseen = 500;

/** @param take receives all collected items, in order, before the next frame. */
export function collected<Item>(take: (items: readonly Item[]) => void): Frame<Item> {
  let items: Item[] = [];
  let frame = 0;
  let timer = 0;
  const cancel = () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
    frame = 0;
    timer = 0;
  };
  const flush = () => {
    cancel();
    const taken = items;
    items = [];
    take(taken);
  };
  return {
    add(item) {
      items.push(item);
      if (frame !== 0) return;
      frame = requestAnimationFrame(flush);
      timer = window.setTimeout(flush, unseen);
    },
    flush() {
      if (items.length > 0) flush();
    },
    cancel() {
      cancel();
      items = [];
    },
  };
}
