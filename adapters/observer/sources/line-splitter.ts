import { isAscii, isUtf8 } from 'node:buffer';

/** Receives the lines of a file. */
export interface LineSink {
  /** @param isLatin1 its bytes are not UTF-8 and were read as Latin-1. */
  take(line: string, isLatin1: boolean): void;
  skip(reason: string): void;
}

/** Maximum length of a line in bytes. */
export const longestLine = 1_048_576;
const tooLong = `a line of more than ${longestLine} bytes`;
const lineFeed = 10;
const byteOrderMark = '\uFEFF';
/** The same three bytes read as Latin-1. */
const latin1ByteOrderMark = '\u00EF\u00BB\u00BF';

/** Splits bytes into lines, decoded as UTF-8, or as Latin-1 where a line is invalid UTF-8. Lines end in LF or CRLF. */
export class LineSplitter {
  readonly #sink: LineSink;
  /** The bytes after the last line end. */
  #rest: Buffer = Buffer.alloc(0);
  #isFirst = true;
  /** The current line is too long: the rest of it is skipped. */
  #isSkipping = false;

  constructor(sink: LineSink) {
    this.#sink = sink;
  }

  push(bytes: Buffer): void {
    let chunk = bytes;
    if (this.#isSkipping) {
      const end = chunk.indexOf(lineFeed);
      if (end < 0) return;
      this.#isSkipping = false;
      chunk = chunk.subarray(end + 1);
    }
    const last = chunk.lastIndexOf(lineFeed);
    if (last < 0) {
      this.#keep(Buffer.concat([this.#rest, chunk]));
      return;
    }
    const whole = chunk.subarray(0, last + 1);
    const lines = this.#rest.length === 0 ? whole : Buffer.concat([this.#rest, whole]);
    this.#split(lines);
    this.#keep(Buffer.from(chunk.subarray(last + 1)));
  }

  /** Ends the input. @returns whether the last line had no end. */
  end(): boolean {
    const rest = this.#rest;
    this.#rest = Buffer.alloc(0);
    const isTorn = rest.length > 0 || this.#isSkipping;
    this.#isSkipping = false;
    if (rest.length > 0) this.#bytes(rest);
    return isTorn;
  }

  #keep(rest: Buffer): void {
    if (rest.length <= longestLine) {
      this.#rest = rest;
      return;
    }
    this.#rest = Buffer.alloc(0);
    this.#isSkipping = true;
    this.#skip();
  }

  #split(lines: Buffer): void {
    if (isAscii(lines)) this.#texts(lines.toString('latin1'), false);
    else if (isUtf8(lines)) this.#texts(lines.toString('utf8'), false);
    else {
      for (let start = 0; start < lines.length; ) {
        const end = lines.indexOf(lineFeed, start);
        this.#bytes(lines.subarray(start, end));
        start = end + 1;
      }
    }
  }

  /** @param text lines, each with its end. */
  #texts(text: string, isLatin1: boolean): void {
    for (let start = 0; start < text.length; ) {
      const end = text.indexOf('\n', start);
      this.#text(text.slice(start, end), isLatin1);
      start = end + 1;
    }
  }

  #bytes(line: Buffer): void {
    const isLatin1 = !isUtf8(line);
    this.#text(isLatin1 ? line.toString('latin1') : line.toString('utf8'), isLatin1);
  }

  #text(line: string, isLatin1: boolean): void {
    let text = line;
    if (this.#isFirst) {
      this.#isFirst = false;
      const mark = [byteOrderMark, latin1ByteOrderMark].find((one) => text.startsWith(one));
      if (mark !== undefined) text = text.slice(mark.length);
    }
    // A character has at least one byte, so a line too long in characters is too long in bytes; others may exceed the limit slightly.
    if (text.length > longestLine) this.#sink.skip(tooLong);
    else this.#sink.take(text.endsWith('\r') ? text.slice(0, -1) : text, isLatin1);
  }

  #skip(): void {
    this.#isFirst = false;
    this.#sink.skip(tooLong);
  }
}
