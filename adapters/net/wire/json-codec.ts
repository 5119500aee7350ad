import { isUtf8 } from 'node:buffer';
import { isWireMessage, type WireMessage } from '../../../machines/index.js';
import type {
  Codec,
  Decoded,
  Decoder,
  DecoderOptions,
  FaultKind,
  FrameLimits,
  Framing,
} from './codec.js';
import { extentFault } from './extent.js';
import { frameFault } from './fault.js';
import { FrameQueue } from './frame-queue.js';
import { LineReader } from './line-reader.js';

/**
 * The codec that ships: one flat JSON object a message, UTF-8. On a stream one object a line, ended by `\n` (a `\r`
 * before it is accepted, an empty line is ignored); on a framed transport one object a text frame.
 */
export const jsonCodec: Codec = {
  name: 'json',
  createDecoder({ framing, limits, onBlank }: DecoderOptions): Decoder {
    return framing === 'stream' ? new StreamDecoder(limits, onBlank) : new FrameDecoder(limits);
  },
  /** @throws {TypeError} when the message holds what JSON cannot (a BigInt, a circle). */
  encode(message: WireMessage, framing: Framing): Uint8Array {
    return Buffer.from(jsonText(message, framing));
  },
};

/** What the codec encodes, before it is bytes. */
export function jsonText(message: WireMessage, framing: Framing): string {
  const text = JSON.stringify(message);
  return framing === 'stream' ? `${text}\n` : text;
}

/** Reads lazily: what arrives in one chunk is parsed message by message, as it is asked for. */
class StreamDecoder implements Decoder {
  readonly #limits: () => FrameLimits;
  readonly #lines: LineReader;
  readonly #onBlank: (() => void) | undefined;
  #faulted = false;

  constructor(limits: () => FrameLimits, onBlank?: () => void) {
    this.#limits = limits;
    this.#onBlank = onBlank;
    this.#lines = new LineReader(limits);
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
      if (line !== 'too-long' && isBlank(line)) {
        if (!this.#onBlank) continue;
        this.#onBlank();
        return null;
      }
      if (!mayBegin(this.#lines.first)) break;
      const read = line === 'too-long' ? line : readMessage(line, this.#limits());
      return typeof read === 'string' ? this.#fault(read) : { message: read };
    }
    // Who speaks TLS, HTTP or SSH here would wait for an answer until the deadline, and never be told why.
    return mayBegin(this.#lines.first) ? null : this.#fault('not-json');
  }

  #fault(kind: FaultKind): Decoded {
    this.#faulted = true;
    this.#lines.clear();
    return { fault: frameFault(kind, this.#limits()) };
  }
}

/** One chunk is one frame. */
class FrameDecoder implements Decoder {
  readonly #limits: () => FrameLimits;
  readonly #frames = new FrameQueue();
  #faulted = false;

  constructor(limits: () => FrameLimits) {
    this.#limits = limits;
  }

  get pending(): number {
    return this.#frames.pending;
  }

  push(chunk: Uint8Array, kind: 'text' | 'binary' = 'text'): void {
    if (!this.#faulted) this.#frames.push(chunk, kind === 'binary');
  }

  next(): Decoded | null {
    const frame = this.#frames.next();
    if (!frame) return null;
    const { bytes, isBinary } = frame;
    const limits = this.#limits();
    const read = isBinary
      ? 'binary'
      : !mayBegin(bytes[0])
        ? 'not-json'
        : bytes.length > limits.maxFrame
          ? 'too-long'
          : readMessage(bytes, limits);
    if (typeof read !== 'string') return { message: read };
    this.#faulted = true;
    this.#frames.clear();
    return { fault: frameFault(read, limits) };
  }
}

/** The message in a frame, or why there is none. */
function readMessage(frame: Uint8Array, limits: FrameLimits): WireMessage | FaultKind {
  if (!isUtf8(frame)) return 'not-utf8';
  const excess = extentFault(frame, limits);
  if (excess) return excess;
  let value: unknown;
  try {
    // Buffer's decoder keeps a byte order mark, which JSON.parse then refuses: RFC 8259 forbids it on the wire.
    value = JSON.parse(asBuffer(frame).toString());
  } catch {
    return 'not-json';
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'not-an-object';
  return isWireMessage(value) ? value : 'no-message-name';
}

function asBuffer(bytes: Uint8Array): Buffer {
  if (bytes instanceof Buffer) return bytes;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Whether a line may begin with a byte: JSON does, or white space. True when none is there yet. */
function mayBegin(byte: number | undefined): boolean {
  return byte === undefined || byte === 0x7b || beginnings.has(byte);
}

const beginnings: ReadonlySet<number> = new Set(Buffer.from('{["-0123456789tfn \t\r\n'));

/** Whether a line has nothing but JSON's white space. */
function isBlank(line: Uint8Array): boolean {
  for (const byte of line) if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0d) return false;
  return true;
}
