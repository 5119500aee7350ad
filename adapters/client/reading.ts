import type { WireMessage } from '../../machines/index.js';
import type { Connection } from '../net/transports/transport.js';
import type { Decoder } from '../net/wire/codec.js';
import { toError } from '../runtime/errors.js';

/** What is processed in one turn of the event loop, some milliseconds of work: so many messages, and bytes of one read. */
export const messagesPerTurn = 256;
const bytesPerTurn = 65_536;

export interface ReadingHandlers {
  /** Whether the next message may be processed now. */
  mayRead(): boolean;
  message(message: WireMessage): void;
  /** A frame is invalid, or a custom codec threw `cause`; nothing follows. */
  fault(problem: string, cause?: unknown): void;
}

/**
 * What comes in on one connection, processed one message at a time. A server that floods gets its share of each turn of the
 * event loop and no more: then the connection is paused until the next, so that timers and other connections have theirs, and
 * what waits is bounded by the socket. (Node reads up to two megabytes of one socket in a turn: 80,000 small messages.)
 */
export class Reading {
  readonly #connection: Connection;
  readonly #decoder: Decoder;
  readonly #handlers: ReadingHandlers;
  /** In this turn. */
  #messages = 0;
  #bytes = 0;
  #isCounting = false;
  #paused = false;
  #pumping = false;
  #peerEnded = false;

  constructor(connection: Connection, decoder: Decoder, handlers: ReadingHandlers) {
    this.#connection = connection;
    this.#decoder = decoder;
    this.#handlers = handlers;
  }

  push(chunk: Uint8Array, kind: 'text' | 'binary'): void {
    this.#count(0, chunk.length);
    try {
      this.#decoder.push(chunk, kind);
    } catch (cause) {
      this.#threw(cause);
    }
    this.pump();
  }

  /** Processes what was received, as far as this turn allows. */
  pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      while (this.#handlers.mayRead() && this.#hasTurn()) if (!this.#next()) break;
    } catch (cause) {
      this.#threw(cause);
    }
    this.#pumping = false;
  }

  /** Nothing more will come: what has come, one read of the socket at most, is processed now. */
  finish(): void {
    this.#peerEnded = true;
    this.pump();
  }

  /** @returns whether there may be more. */
  #next(): boolean {
    const decoded = this.#decoder.next();
    if (decoded === null) return false;
    this.#count(1, 0);
    if (decoded.fault) this.#handlers.fault(decoded.fault.description);
    else this.#handlers.message(decoded.message);
    return true;
  }

  #count(messages: number, bytes: number): void {
    if (!this.#isCounting) setImmediate(() => this.#turned());
    this.#isCounting = true;
    this.#messages += messages;
    this.#bytes += bytes;
  }

  #hasTurn(): boolean {
    if (this.#peerEnded) return true;
    if (this.#messages < messagesPerTurn && this.#bytes <= bytesPerTurn) return true;
    if (!this.#paused) this.#connection.pause();
    this.#paused = true;
    return false;
  }

  /** A new turn of the event loop. */
  #turned(): void {
    this.#messages = this.#bytes = 0;
    this.#isCounting = false;
    if (!this.#paused) return;
    this.#paused = false;
    this.pump();
    if (!this.#paused) this.#connection.resume();
  }

  #threw(cause: unknown): void {
    this.#handlers.fault(toError(cause).message, cause);
  }
}
