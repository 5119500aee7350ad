/** The JSON codec without what it needs of its platform: `json-codec.ts` is the one of Node, `web-json-codec.ts` that of a browser. */
import { isWireMessage, type WireMessage } from '../../../machines/registration/chart/messages.js';
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

/** UTF-8 on a platform. */
export interface Utf8 {
  isValid(bytes: Uint8Array): boolean;
  /** The text of valid UTF-8. It keeps a byte order mark, which JSON.parse then refuses: RFC 8259 forbids it on the wire. */
  textOf(bytes: Uint8Array): string;
  bytesOf(text: string): Uint8Array;
}

/**
 * The JSON codec: a message is one flat JSON object in UTF-8. On a stream each object is a line that ends with `\n`; a `\r` before it is
 * accepted, and an empty line is ignored. On a framed transport each object is a text frame.
 */
export function jsonCodecOn(utf8: Utf8): Codec {
  return {
    name: 'json',
    createDecoder({ framing, limits, onBlank }: DecoderOptions): Decoder {
      return framing === 'stream'
        ? new StreamDecoder(utf8, limits, onBlank)
        : new FrameDecoder(utf8, limits);
    },
    /** @throws {TypeError} for a message that JSON cannot represent (a BigInt, a cycle) */
    encode: (message, framing) => utf8.bytesOf(jsonText(message, framing)),
  };
}

/** A message as the text that the codec encodes. */
export function jsonText(message: WireMessage, framing: Framing): string {
  const text = JSON.stringify(message);
  return framing === 'stream' ? `${text}\n` : text;
}

/** Decodes lazily: each call of `next` parses one message. */
class StreamDecoder implements Decoder {
  readonly #limits: () => FrameLimits;
  readonly #utf8: Utf8;
  readonly #lines: LineReader;
  readonly #onBlank: (() => void) | undefined;
  #faulted = false;

  constructor(utf8: Utf8, limits: () => FrameLimits, onBlank?: () => void) {
    this.#utf8 = utf8;
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
      const read = line === 'too-long' ? line : readMessage(line, this.#limits(), this.#utf8);
      return typeof read === 'string' ? this.#fault(read) : { message: read };
    }
    // A client that speaks TLS, HTTP or SSH sends no line end; without this check it would get no answer until the deadline.
    return mayBegin(this.#lines.first) ? null : this.#fault('not-json');
  }

  #fault(kind: FaultKind): Decoded {
    this.#faulted = true;
    this.#lines.clear();
    return { fault: frameFault(kind, this.#limits()) };
  }
}

/** Decodes chunks that are whole frames. */
class FrameDecoder implements Decoder {
  readonly #limits: () => FrameLimits;
  readonly #utf8: Utf8;
  readonly #frames = new FrameQueue();
  #faulted = false;

  constructor(utf8: Utf8, limits: () => FrameLimits) {
    this.#utf8 = utf8;
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
          : readMessage(bytes, limits, this.#utf8);
    if (typeof read !== 'string') return { message: read };
    this.#faulted = true;
    this.#frames.clear();
    return { fault: frameFault(read, limits) };
  }
}

/** The message in a frame, or the kind of its fault. */
function readMessage(frame: Uint8Array, limits: FrameLimits, utf8: Utf8): WireMessage | FaultKind {
  if (!utf8.isValid(frame)) return 'not-utf8';
  const excess = extentFault(frame, limits);
  if (excess) return excess;
  let value: unknown;
  try {
    value = JSON.parse(utf8.textOf(frame));
  } catch {
    return 'not-json';
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'not-an-object';
  return isWireMessage(value) ? value : 'no-message-name';
}

/** Whether JSON, or white space before it, may begin with a byte. True without a byte. */
function mayBegin(byte: number | undefined): boolean {
  return byte === undefined || byte === 0x7b || beginnings.has(byte);
}

const beginnings: ReadonlySet<number> = new Set(
  [...'{["-0123456789tfn \t\r\n'].map((character) => character.charCodeAt(0)),
);

/** Whether a line has only white space of JSON. */
function isBlank(line: Uint8Array): boolean {
  for (const byte of line) if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0d) return false;
  return true;
}
