/** Connections without waiting frames share this buffer. */
const none = new Uint8Array(0);

/**
 * Frames that wait to be read, in one buffer. Thousands of tiny frames cost only their bytes and not an object each. Bytes are copied, so a
 * large read buffer is not kept alive by a few of its bytes.
 */
export class FrameQueue {
  /** The waiting frames: the bytes from `#start` to `#end`. */
  #bytes = none;
  #start = 0;
  #end = 0;
  /** The length of each frame; -1 - length for a binary one. Frames before `#first` are processed. */
  #lengths: number[] = [];
  #first = 0;

  /** Bytes that wait. */
  get pending(): number {
    return this.#end - this.#start;
  }

  push(frame: Uint8Array, isBinary: boolean): void {
    if (this.#end + frame.length > this.#bytes.length) this.#makeRoom(frame.length);
    this.#bytes.set(frame, this.#end);
    this.#end += frame.length;
    this.#lengths.push(isBinary ? -1 - frame.length : frame.length);
  }

  /** The next frame; null when there is none. Its bytes are a view that is valid until the next `push`. */
  next(): { readonly bytes: Uint8Array; readonly isBinary: boolean } | null {
    const length = this.#lengths[this.#first];
    if (length === undefined) return null;
    const end = this.#start + (length < 0 ? -1 - length : length);
    const bytes = this.#bytes.subarray(this.#start, end);
    this.#start = end;
    this.#first += 1;
    if (this.#first === this.#lengths.length) this.#emptied();
    return { bytes, isBinary: length < 0 };
  }

  /** Drops all frames. */
  clear(): void {
    this.#emptied();
    this.#bytes = none;
  }

  #emptied(): void {
    this.#lengths = [];
    this.#first = this.#start = this.#end = 0;
    // An idle connection must not keep the buffer of a long frame.
    if (this.#bytes.length > 4_096) this.#bytes = none;
  }

  #makeRoom(length: number): void {
    const waiting = this.#bytes.subarray(this.#start, this.#end);
    const needed = waiting.length + length;
    const grown = new Uint8Array(waiting.length === 0 ? needed : needed * 2);
    grown.set(waiting);
    this.#bytes = grown;
    this.#start = 0;
    this.#end = waiting.length;
  }
}
