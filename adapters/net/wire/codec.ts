/**
 * The contract of a codec, which turns bytes into messages and back. ixgate has a JSON codec; other wires have custom codecs.
 */
import type { WireMessage } from '../../../machines/registration/chart/messages.js';

/**
 * How the transport delivers bytes. `stream` (TCP, TLS) cuts them anywhere and the codec finds the frames. `frame` (WebSocket) delivers one
 * whole frame per chunk.
 */
export type Framing = 'stream' | 'frame';

/** Why a frame is invalid. Each kind has a sentence in docs/protocol.md. */
export type FaultKind =
  | 'not-json'
  | 'not-an-object'
  | 'no-message-name'
  | 'not-utf8'
  | 'binary'
  | 'too-long'
  | 'too-deep'
  | 'too-many-attributes'
  /** Found by the transport: an invalid frame header or order (WebSocket). */
  | 'bad-frame'
  /** Found by the transport: too many control frames, or too many fragments of a message (WebSocket). */
  | 'too-many-frames';

/** An invalid frame. Later input of the connection is not read. */
export interface FrameFault {
  readonly kind: FaultKind;
  /** A sentence for errorDescription: what is wrong and what is allowed. Never the frame's content. */
  readonly description: string;
}

export type Decoded =
  | { readonly message: WireMessage; readonly fault?: undefined }
  | { readonly fault: FrameFault; readonly message?: undefined };

/** Decodes the input of one connection. Messages are pulled, so order is kept without a second queue. */
export interface Decoder {
  /** Takes bytes from the transport. After a fault it drops them. */
  push(chunk: Uint8Array, kind?: 'text' | 'binary'): void;
  /** The next message or the fault, in order; null when more bytes are needed, and always after a fault. */
  next(): Decoded | null;
  /** Number of bytes that are buffered for unfinished or waiting frames. */
  readonly pending: number;
}

/** The limits of a frame. All three are checked before objects are made from it. */
export interface FrameLimits {
  /** Maximum length in bytes, without the line end. */
  readonly maxFrame: number;
  /** Maximum nesting of objects and arrays; the message itself is level 1. */
  readonly maxDepth: number;
  /** Maximum number of attributes, including those of nested objects and the elements of arrays. */
  readonly maxAttributes: number;
}

export interface DecoderOptions {
  readonly framing: Framing;
  /** Called for each frame, so that the limits of a connection can change while it is open. */
  readonly limits: () => FrameLimits;
  /**
   * Called for each blank line. `next` then returns null, and continues after the line when it is called again. So the caller can limit blank
   * lines. @default blank lines are skipped
   */
  readonly onBlank?: () => void;
}

export interface Codec {
  readonly name: string;
  createDecoder(options: DecoderOptions): Decoder;
  /** The bytes of one message, with a line end for `stream`. */
  encode(message: WireMessage, framing: Framing): Uint8Array;
}
