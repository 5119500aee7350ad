import { isUtf8 } from 'node:buffer';
import { isWireMessage, type WireMessage } from '../../machines/index.js';
import type { Codec, Decoded, Decoder, DecoderOptions, FaultKind, Framing } from './codec.js';
import { frameFault, maxDepth } from './fault.js';
import { LineReader } from './line-reader.js';

/**
 * The codec that ships: one flat JSON object a message, UTF-8. On a stream one object a line, ended by `\n` (a `\r`
 * before it is accepted, an empty line is ignored); on a framed transport one object a text frame.
 */
export const jsonCodec: Codec = {
  name: 'json',
  createDecoder(options: DecoderOptions): Decoder {
    return options.framing === 'stream' ? new StreamDecoder(options) : new FrameDecoder(options);
  },
  /** @throws {TypeError} when the message holds what JSON cannot (a BigInt, a circle). */
  encode(message: WireMessage, framing: Framing): Uint8Array {
    const text = JSON.stringify(message);
    return Buffer.from(framing === 'stream' ? `${text}\n` : text);
  },
};

/** Reads lazily: what arrives in one chunk is parsed message by message, as it is asked for. */
class StreamDecoder implements Decoder {
  readonly #options: DecoderOptions;
  readonly #lines: LineReader;
  #faulted = false;

  constructor(options: DecoderOptions) {
    this.#options = options;
    this.#lines = new LineReader(() => options.maxFrame);
  }

  get pending(): number {
    return this.#lines.pending;
  }

  push(chunk: Uint8Array): void {
    if (!this.#faulted) this.#lines.push(chunk);
  }

  next(): Decoded | null {
    if (this.#faulted) return null;
    for (let line = this.#lines.next(); line !== null; line = this.#lines.next()) {
      if (line !== 'too-long' && isBlank(line)) continue;
      const read = line === 'too-long' ? line : readMessage(line);
      if (typeof read !== 'string') return { message: read };
      this.#faulted = true;
      this.#lines.clear();
      return { fault: frameFault(read, this.#options.maxFrame) };
    }
    return null;
  }
}

/** One chunk is one frame. */
class FrameDecoder implements Decoder {
  readonly #options: DecoderOptions;
  #frames: { bytes: Uint8Array; binary: boolean }[] = [];
  #first = 0;
  #faulted = false;
  #held = 0;

  constructor(options: DecoderOptions) {
    this.#options = options;
  }

  get pending(): number {
    return this.#held;
  }

  push(chunk: Uint8Array, kind: 'text' | 'binary' = 'text'): void {
    if (this.#faulted) return;
    this.#frames.push({ bytes: chunk, binary: kind === 'binary' });
    this.#held += chunk.length;
  }

  next(): Decoded | null {
    const frame = this.#frames[this.#first];
    if (!frame) return null;
    this.#first += 1;
    this.#held -= frame.bytes.length;
    if (this.#first === this.#frames.length) this.#clear();
    const { maxFrame } = this.#options;
    const read = frame.binary
      ? 'binary'
      : frame.bytes.length > maxFrame
        ? 'too-long'
        : readMessage(frame.bytes);
    if (typeof read !== 'string') return { message: read };
    this.#faulted = true;
    this.#clear();
    return { fault: frameFault(read, maxFrame) };
  }

  #clear(): void {
    this.#frames = [];
    this.#first = this.#held = 0;
  }
}

/** The message in a frame, or why there is none. */
function readMessage(frame: Uint8Array): WireMessage | FaultKind {
  if (!isUtf8(frame)) return 'not-utf8';
  if (isTooDeep(frame)) return 'too-deep';
  let value: unknown;
  try {
    // Buffer's decoder keeps a byte order mark, which JSON.parse then refuses: RFC 8259 forbids it on the wire.
    const { buffer, byteOffset, byteLength } = frame;
    value = JSON.parse(Buffer.from(buffer, byteOffset, byteLength).toString('utf8'));
  } catch {
    return 'not-json';
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'not-an-object';
  return isWireMessage(value) ? value : 'no-message-name';
}

/** Whether a line has nothing but JSON's white space. */
function isBlank(line: Uint8Array): boolean {
  return line.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);
}

/**
 * Whether brackets are nested deeper than `maxDepth`. Looks before JSON.parse does, without recursion. Bytes of a
 * multi-byte character never equal an ASCII one, so the text need not be decoded for it.
 */
function isTooDeep(frame: Uint8Array): boolean {
  let depth = 0;
  let inText = false;
  for (let index = 0; index < frame.length; index += 1) {
    const byte = frame[index];
    if (inText) {
      if (byte === 0x5c) index += 1;
      else if (byte === 0x22) inText = false;
    } else if (byte === 0x22) inText = true;
    else if (byte === 0x7b || byte === 0x5b) {
      depth += 1;
      if (depth > maxDepth) return true;
    } else if (byte === 0x7d || byte === 0x5d) depth -= 1;
  }
  return false;
}
