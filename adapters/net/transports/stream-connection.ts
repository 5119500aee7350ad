import type { Duplex } from 'node:stream';
import { deadlineClock } from '../../runtime/deadlines.js';
import type { CloseCause, Connection, ConnectionHandlers } from './transport.js';

/** Milliseconds that a closed connection waits for its peer to read, before it is destroyed. */
export const linger = 1_000;
/** Maximum number of bytes that a closed connection reads and drops. It stops reading then, because dropping takes time too. */
export const maxDropped = 1_048_576;

/** The property of a stream that has its connection. All streams share their listener functions. */
const connection = Symbol('connection');
type ConnectedStream = Duplex & { [connection]?: StreamConnection | undefined };

/** A stream of bytes as a connection. */
export abstract class StreamConnection implements Connection {
  readonly scheme: Connection['scheme'];
  readonly remoteAddress: string;
  readonly certificate: Connection['certificate'];
  protected readonly stream: Duplex;
  #handlers: ConnectionHandlers | null = null;
  #error: Error | null = null;
  /** This side closed or destroyed it: only `closed` is still delivered. */
  protected closing = false;
  #gone = false;
  #paused = false;
  #lingering: unknown;
  /** Bytes received since it was closed. */
  #dropped = 0;

  constructor(
    stream: Duplex,
    scheme: Connection['scheme'],
    remoteAddress: string,
    certificate: Connection['certificate'],
  ) {
    this.stream = stream;
    this.scheme = scheme;
    this.remoteAddress = remoteAddress;
    this.certificate = certificate;
    (stream as ConnectedStream)[connection] = this;
    stream.on('error', onError);
    stream.on('close', onClose);
    if (stream.destroyed && stream.closed) this.#gone = true;
  }

  abstract get remotePort(): number;

  get framing() {
    return 'stream' as const;
  }

  get unsent(): number {
    return this.stream.writableLength;
  }

  start(handlers: ConnectionHandlers): void {
    this.#handlers = handlers;
    if (this.#gone) {
      queueMicrotask(() => handlers.closed(this.#cause()));
      return;
    }
    const stream = this.stream;
    stream.on('end', onEnd);
    // A data listener starts the flow, unless the socket was paused explicitly.
    if (this.#paused) stream.pause();
    stream.on('data', onData);
  }

  write(bytes: Uint8Array): boolean {
    return this.#write(bytes);
  }

  writeText(text: string): boolean {
    return this.#write(text);
  }

  #write(what: Uint8Array | string): boolean {
    const stream = this.stream;
    if (this.closing || !stream.writable) return false;
    this.beforeWrite();
    const isTaken = stream.write(what);
    if (isTaken) return true;
    // Above the high-water mark nothing is corked, so only data that the system does not take counts as waiting.
    stream.uncork();
    if (!stream.listeners('drain').includes(onDrain)) stream.on('drain', onDrain);
    return false;
  }

  /** Called before each write. */
  protected beforeWrite(): void {}

  cork(): void {
    this.stream.cork();
  }

  uncork(): void {
    this.stream.uncork();
  }

  pause(): void {
    this.#paused = true;
    if (this.#handlers && !this.closing) this.stream.pause();
  }

  resume(): void {
    this.#paused = false;
    if (this.#handlers && !this.closing) this.stream.resume();
  }

  close(_cause: CloseCause): void {
    if (this.closing || this.#gone) return;
    this.closing = true;
    const stream = this.stream;
    // Both sides have ended, and everything is written.
    if (stream.readableEnded && stream.writableLength === 0) {
      stream.destroy();
      return;
    }
    // Destroying a socket with unread input sends a reset, which can overtake the last data. So input is read and dropped.
    stream.resume();
    stream.end();
    this.#lingering = deadlineClock.setTimeout(() => this.destroy(), linger);
  }

  destroy(): void {
    this.closing = true;
    this.stream.destroy();
  }

  /** @internal */
  received(chunk: Buffer): void {
    if (!this.closing) {
      this.#handlers?.data(chunk, 'text');
      return;
    }
    this.#dropped += chunk.length;
    // The socket is not destroyed: a reset could overtake the last data.
    if (this.#dropped > maxDropped) this.stream.pause();
  }

  /** @internal */
  ended(): void {
    if (this.closing) return;
    // A TLS alert is an error followed by an end; `closed` reports the error.
    if (this.#error) this.stream.destroy();
    else this.#handlers?.end();
  }

  /** @internal */
  drained(): void {
    if (!this.closing) this.#handlers?.drain();
  }

  /** @internal */
  broke(error: Error): void {
    this.#error ??= error;
  }

  /** @internal */
  closed(): void {
    if (this.#gone) return;
    this.#gone = true;
    // Node's handle keeps a socket until a full garbage collection, and with it everything the socket refers to.
    (this.stream as ConnectedStream)[connection] = undefined;
    deadlineClock.clearTimeout(this.#lingering);
    this.#handlers?.closed(this.#cause());
  }

  /** The error that broke the connection; null after this side has closed it. */
  #cause(): Error | null {
    return this.closing ? null : this.#error;
  }
}

function onData(this: ConnectedStream, chunk: Buffer): void {
  this[connection]?.received(chunk);
}

function onEnd(this: ConnectedStream): void {
  this[connection]?.ended();
}

function onDrain(this: ConnectedStream): void {
  this[connection]?.drained();
}

function onError(this: ConnectedStream, error: Error): void {
  this[connection]?.broke(error);
}

function onClose(this: ConnectedStream): void {
  this[connection]?.closed();
}
