/** Collects what comes between two frames, so that however much it is, the page is drawn once. */
export interface Frame<Item> {
  add(item: Item): void;
  /** Hands on what has come, now. */
  flush(): void;
  cancel(): void;
}

/** A page that is not looked at has no frames; it is kept up to date at this pace, in milliseconds. */
const unseen = 500;

/** @param take gets everything that came, in order, before the next frame is drawn. */
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
