/** A stream that collects what is written while it is corked. */
interface Corkable {
  cork(): void;
  uncork(): void;
}

/** Milliseconds between two writes of a busy gate. */
const interval = 1;

/**
 * Collects the requests of a connection, so that a busy gate writes many at once: a write costs as much as several requests. The requests of
 * one turn of the event loop are written together; within a millisecond of the last write, those of the millisecond.
 */
export class RequestBatches {
  #collecting: Corkable | null = null;
  #written = 0;

  /** Call it before a request is written to the stream. */
  collect(stream: Corkable): void {
    if (this.#collecting === stream) return;
    this.#collecting = stream;
    stream.cork();
    const write = () => {
      if (this.#collecting === stream) this.#collecting = null;
      this.#written = performance.now();
      stream.uncork();
    };
    if (performance.now() - this.#written < interval) setTimeout(write, interval);
    else setImmediate(write);
  }
}
