/**
 * The codec seam: bytes in, messages out, and back. The JSON codec is the one that ships; a site that speaks something
 * else plugs its own in.
 */
import type { WireMessage } from '../../../machines/index.js';

/**
 * How the transport delivers bytes: `stream` (TCP, TLS) cuts them anywhere and the codec finds the frames; `frame`
 * (WebSocket) delivers one whole frame a chunk.
 */
export type Framing = 'stream' | 'frame';

/** Why a frame is not a message. Each kind has a sentence in docs/protocol.md. */
export type FaultKind =
  | 'not-json'
  | 'not-an-object'
  | 'no-message-name'
  | 'not-utf8'
  | 'binary'
  | 'too-long'
  | 'too-deep'
  | 'too-many-attributes'
  /** Found by the transport: the frame's own header or order is wrong (WebSocket). */
  | 'bad-frame'
  /** Found by the transport: control frames, or fragments of one message, without end (WebSocket). */
  | 'too-many-frames';

/** An invalid frame. What follows it on the connection is not read. */
export interface FrameFault {
  readonly kind: FaultKind;
  /** One sentence for people, fit for errorDescription: what was wrong and what is allowed. Never the frame's content. */
  readonly description: string;
}

export type Decoded =
  | { readonly message: WireMessage; readonly fault?: undefined }
  | { readonly fault: FrameFault; readonly message?: undefined };

/** What one connection has received and not yet processed. Pulled from, so that order is kept without a second queue. */
export interface Decoder {
  /** Takes bytes from the transport. After a fault they are dropped. */
  push(chunk: Uint8Array, kind?: 'text' | 'binary'): void;
  /** The next message or the fault, in order; null when more bytes are needed. After a fault always null. */
  next(): Decoded | null;
  /** Bytes of an unfinished frame that are held. */
  readonly pending: number;
}

/** What a frame may cost. All three are checked before anything is made of it. */
export interface FrameLimits {
  /** Longest frame in bytes, its line end not counted. */
  readonly maxFrame: number;
  /** Objects and arrays within each other, the message itself being the first. */
  readonly maxDepth: number;
  /** Attributes in all, those of nested objects and the elements of arrays included. */
  readonly maxAttributes: number;
}

export interface DecoderOptions {
  readonly framing: Framing;
  /** Asked anew for each frame, so that a connection can be trusted with more while it lives. */
  readonly limits: () => FrameLimits;
  /**
   * Called for each blank line, which is ignored otherwise. `next` then returns null and goes on behind the line when it is called again, so
   * that the caller decides how many may follow each other. @default blank lines are skipped
   */
  readonly onBlank?: () => void;
}

export interface Codec {
  readonly name: string;
  createDecoder(options: DecoderOptions): Decoder;
  /** One message as the bytes to write: with its line end when `stream`. */
  encode(message: WireMessage, framing: Framing): Uint8Array;
}
