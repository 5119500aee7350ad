import type { Connection } from '../net/transports/transport.js';
import { NotRecordedError } from './journal.js';

export interface OutboundWriterHandlers {
  /** Milliseconds that bytes may wait for a client that takes none; asked each time. */
  readonly writeTimeout: number;
  /** The client is slow: nothing should be read from it until it has taken what it was sent. */
  onBackpressure(): void;
  /** The client has taken nothing for so long that it is given up. */
  onWriteTimeout(): void;
  /** What was held is written: what was received meanwhile may be read. */
  resumeReading(): void;
  /** What is held cannot be written any more: what it waits for failed, or took too long. */
  onFlushFailed(error: unknown): void;
}

/**
 * What is written to one client, in order. Answers can be held until something else is done; what is written meanwhile stands
 * behind them. Whether the client takes anything is looked at every `writeTimeout` while bytes wait.
 */
export class OutboundWriter {
  readonly #connection: Connection;
  readonly #handlers: OutboundWriterHandlers;
  #held: Uint8Array[] | null = null;
  #heldBytes = 0;
  #holdTimer: NodeJS.Timeout | undefined;
  /** Bytes written since the beginning, those that wait included. */
  #written = 0;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(connection: Connection, handlers: OutboundWriterHandlers) {
    this.#connection = connection;
    this.#handlers = handlers;
  }

  /** Bytes that wait. */
  get unsent(): number {
    return this.#connection.unsent + this.#heldBytes;
  }

  get isHeld(): boolean {
    return this.#held !== null;
  }

  write(bytes: Uint8Array): void {
    if (this.#held) {
      this.#held.push(bytes);
      this.#heldBytes += bytes.length;
      return;
    }
    this.#written += bytes.length;
    if (!this.#connection.write(bytes)) this.#handlers.onBackpressure();
    this.#watch();
  }

  /** The same for text. A socket counts what waits of it in characters, so only one that has as many bytes goes there as text. */
  writeText(text: string): void {
    const isAscii = Buffer.byteLength(text) === text.length;
    if (this.#held || !isAscii || !this.#connection.writeText) {
      this.write(Buffer.from(text));
      return;
    }
    this.#written += text.length;
    if (!this.#connection.writeText(text)) this.#handlers.onBackpressure();
    this.#watch();
  }

  /** What is written from now on stays here until what is given to `releaseWhen` is done. */
  hold(): void {
    this.#held ??= [];
  }

  /** Writes what is held when that is done; it may take `writeTimeout`. */
  flushAfter(done: Promise<void>): void {
    // Once the connection is over nothing is held, and nothing is to be done.
    done.then(
      () => this.#held && this.#release(),
      (error) => this.#held && this.#handlers.onFlushFailed(error),
    );
    if (this.#held === null) return;
    const timeout = this.#handlers.writeTimeout;
    this.#holdTimer = setTimeout(() => {
      this.#handlers.onFlushFailed(new NotRecordedError(timeout));
    }, timeout);
  }

  /** Nothing more is written, and what is held is dropped. */
  close(): void {
    this.#closed = true;
    this.#drop();
    clearTimeout(this.#timer);
  }

  #release(): void {
    const held = this.#held ?? [];
    this.#drop();
    for (const bytes of held) this.write(bytes);
    this.#handlers.resumeReading();
  }

  #drop(): void {
    clearTimeout(this.#holdTimer);
    this.#held = null;
    this.#heldBytes = 0;
  }

  #watch(): void {
    if (this.#closed || this.#timer !== undefined || this.#connection.unsent === 0) return;
    const before = this.#written - this.#connection.unsent;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      const { unsent } = this.#connection;
      if (unsent === 0) return;
      // What a transport adds to the bytes counts as waiting only, so that no progress never looks like some.
      if (this.#written - unsent > before) this.#watch();
      else this.#handlers.onWriteTimeout();
    }, this.#handlers.writeTimeout);
  }
}
