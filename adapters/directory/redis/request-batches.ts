/** A stream that collects what is written while it is corked. */
interface Corkable {
  cork(): void;
  uncork(): void;
}

/** Milliseconds between two writes of a busy gate. */
const interval = 1;
/** Requests that do not wait for more: the store works on them while the gate makes the next ones. */
const most = 16;

interface Batch {
  readonly stream: Corkable;
  requests: number;
}

/**
 * Collects the requests of a connection, so that a busy gate writes many at once: a write costs as much as several requests. The requests of
 * one turn of the event loop are written together; within a millisecond of the last write, those of the millisecond.
 */
export class RequestBatches {
  #open: Batch | null = null;
  #written = 0;

  /** Call it before a request is written to the stream. */
  collect(stream: Corkable): void {
    const open = this.#open;
    if (open?.stream === stream && open.requests < most) {
      open.requests += 1;
      return;
    }
    if (open) this.#write(open);
    this.#begin(stream);
  }

  #begin(stream: Corkable): void {
    const batch = { stream, requests: 1 };
    this.#open = batch;
    stream.cork();
    const isBusy = performance.now() - this.#written < interval;
    if (isBusy) setTimeout(() => this.#write(batch), interval);
    else setImmediate(() => this.#write(batch));
  }

  #write(batch: Batch): void {
    if (this.#open !== batch) return;
    this.#open = null;
    this.#written = performance.now();
    batch.stream.uncork();
  }
}
