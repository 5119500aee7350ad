import type { Connection } from '../net/transports/transport.js';
import { NotRecordedError } from './journal.js';

export interface OutboundWriterHandlers {
  /** Milliseconds that bytes may wait for a client that reads nothing; read each time. */
  readonly writeTimeout: number;
  /** Bytes were passed to the connection. */
  onWritten(bytes: number): void;
  /** The client reads slowly. Nothing should be read from it until the connection has drained. */
  onBackpressure(): void;
  /** The client has read nothing for `writeTimeout`. */
  onWriteTimeout(): void;
  /** The held messages are written, so reading may go on. */
  resumeReading(): void;
  /** The held messages cannot be written, because the flush failed or took too long. */
  onFlushFailed(error: unknown): void;
}

/**
 * Writes to one client, in order. Messages can be held until a recording is flushed; later messages wait behind them. While bytes wait,
 * a timer checks every `writeTimeout` whether the client has read any.
 */
export class OutboundWriter {
  readonly #connection: Connection;
  readonly #handlers: OutboundWriterHandlers;
  #held: Uint8Array[] | null = null;
  #heldBytes = 0;
  #holdTimer: NodeJS.Timeout | undefined;
  /** Bytes written since the start, including those that wait. */
  #written = 0;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(connection: Connection, handlers: OutboundWriterHandlers) {
    this.#connection = connection;
    this.#handlers = handlers;
  }

  /** Bytes that wait to be written. */
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
    this.#handlers.onWritten(bytes.length);
    if (!this.#connection.write(bytes)) this.#handlers.onBackpressure();
    this.#watch();
  }

  /** Writes text. A socket counts waiting text in characters, so only ASCII text is passed on as text. */
  writeText(text: string): void {
    const isAscii = Buffer.byteLength(text) === text.length;
    if (this.#held || !isAscii || !this.#connection.writeText) {
      this.write(Buffer.from(text));
      return;
    }
    this.#written += text.length;
    this.#handlers.onWritten(text.length);
    if (!this.#connection.writeText(text)) this.#handlers.onBackpressure();
    this.#watch();
  }

  /** Holds everything that is written from now on, until the promise given to `flushAfter` settles. */
  hold(): void {
    this.#held ??= [];
  }

  /** Writes the held messages when `done` resolves; it may take `writeTimeout`. */
  flushAfter(done: Promise<void>): void {
    // After `close` nothing is held.
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

  /** Stops the timers and drops the held messages. */
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
      // Bytes that a transport adds, such as frame headers, count only as waiting. So a stall never looks like progress.
      if (this.#written - unsent > before) this.#watch();
      else this.#handlers.onWriteTimeout();
    }, this.#handlers.writeTimeout);
  }
}
