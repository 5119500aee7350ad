const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/** Connections without an unfinished line share this buffer. */
const none = new Uint8Array(0);

/** A line, `too-long` for one above the limit, or null when more bytes are needed. */
export type Line = Uint8Array | 'too-long' | null;

/**
 * Cuts a stream of bytes into lines. An unfinished line is copied into one buffer that grows by doubling. So single bytes cost neither
 * quadratic time nor a buffer object each, and a large read buffer is not kept alive by a few of its bytes.
 */
export class LineReader {
  readonly #limits: () => { readonly maxFrame: number };
  /** The current chunk, of which `#offset` bytes are processed, and the chunks after it. */
  #chunk: Uint8Array | null = null;
  #offset = 0;
  #later: Uint8Array[] | null = null;
  /** The unfinished line: the first `#held` bytes of `#line`. It contains no line feed. */
  #line = none;
  #held = 0;
  /** The first byte of the unfinished line, or of the last line. */
  #begins: number | undefined;

  /** @param limits called each time; `maxFrame` is the maximum length of a line in bytes, without its end */
  constructor(limits: () => { readonly maxFrame: number }) {
    this.#limits = limits;
  }

  /** Number of buffered bytes: of the unfinished line and of unread chunks. */
  get pending(): number {
    const later = this.#later?.reduce((sum, { length }) => sum + length, 0) ?? 0;
    return this.#held + (this.#chunk ? this.#chunk.length - this.#offset : 0) + later;
  }

  /** The first byte of the line that `next` returned, or of the unfinished line when it returned null; undefined without a byte. */
  get first(): number | undefined {
    return this.#begins;
  }

  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    if (this.#chunk === null) {
      this.#chunk = chunk;
      return;
    }
    this.#later ??= [];
    this.#later.push(chunk);
  }

  /** The next line without its end. It is a view that is valid until the next call. */
  next(): Line {
    for (let chunk = this.#chunk; chunk !== null; chunk = this.#chunk) {
      const start = this.#offset;
      const end = chunk.indexOf(lineFeed, start);
      if (this.#held === 0) this.#begins = chunk[start];
      this.#advance(chunk, end === -1 ? chunk.length : end + 1);
      if (end !== -1) return this.#finish(chunk.subarray(start, end));
      if (this.#tooLong(chunk, start)) return 'too-long';
      this.#keep(chunk.subarray(start));
    }
    if (this.#held === 0) this.#begins = undefined;
    return null;
  }

  /** Drops all input. */
  clear(): void {
    this.#chunk = this.#later = null;
    this.#offset = this.#held = 0;
    this.#line = none;
  }

  #advance(chunk: Uint8Array, offset: number): void {
    this.#offset = offset;
    if (offset < chunk.length) return;
    this.#offset = 0;
    this.#chunk = this.#later?.shift() ?? null;
    if (this.#later?.length === 0) this.#later = null;
  }

  #finish(tail: Uint8Array): Line {
    let line = tail;
    if (this.#held > 0) {
      if (this.#held + tail.length > this.#limits().maxFrame + 1) return 'too-long';
      this.#keep(tail);
      line = this.#line.subarray(0, this.#held);
      this.#held = 0;
      // An idle connection must not keep the buffer of a long line.
      if (this.#line.length > 4096) this.#line = none;
    }
    if (line[line.length - 1] === carriageReturn) line = line.subarray(0, -1);
    return line.length > this.#limits().maxFrame ? 'too-long' : line;
  }

  /** Whether the unfinished line exceeds the limit; one more byte may be a carriage return. */
  #tooLong(chunk: Uint8Array, start: number): boolean {
    const excess = this.#held + chunk.length - start - this.#limits().maxFrame;
    return excess > 1 || (excess === 1 && chunk.at(-1) !== carriageReturn);
  }

  #keep(bytes: Uint8Array): void {
    const needed = this.#held + bytes.length;
    if (needed > this.#line.length) {
      const limit = this.#limits().maxFrame + 1;
      const grown = new Uint8Array(Math.max(needed, Math.min(limit, this.#line.length * 2), 64));
      grown.set(this.#line.subarray(0, this.#held));
      this.#line = grown;
    }
    this.#line.set(bytes, this.#held);
    this.#held = needed;
  }
}
