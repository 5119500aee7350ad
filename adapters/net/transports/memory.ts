import type { Framing } from '../wire/codec.js';
import { linger } from './stream-connection.js';
import type { CloseCause, Connection, ConnectionHandlers } from './transport.js';

/** Bytes in transit above which `write` returns false. */
const highWaterMark = 65_536;

/**
 * Creates two connections within the process that are each other's peer. Bytes are copied and delivered later, in order, one chunk per
 * write.
 * @param framing of both ends; `frame` has no half-close, like WebSocket. @default 'stream'
 */
export function memoryPair(framing: Framing = 'stream'): [Connection, Connection] {
  const one = new MemoryConnection(framing);
  return [one, one.peer];
}

class MemoryConnection implements Connection {
  readonly scheme = 'memory';
  readonly framing: Framing;
  readonly remoteAddress = 'memory';
  readonly remotePort = 0;
  readonly certificate = null;
  readonly peer: MemoryConnection;
  #handlers: ConnectionHandlers | null = null;
  #inbox: Uint8Array[] = [];
  #inboxBytes = 0;
  #paused = false;
  #scheduled = false;
  #full = false;
  /** The peer has ended its side; delivered once the inbox is empty. */
  #ending = false;
  #ended = false;
  #closing = false;
  #gone = false;
  #lingering: NodeJS.Timeout | undefined;

  constructor(framing: Framing, peer?: MemoryConnection) {
    this.framing = framing;
    this.peer = peer ?? new MemoryConnection(framing, this);
  }

  get unsent(): number {
    return this.peer.#inboxBytes;
  }

  start(handlers: ConnectionHandlers): void {
    this.#handlers = handlers;
    if (this.#gone) setImmediate(() => handlers.closed(null));
    else this.#schedule();
  }

  write(bytes: Uint8Array): boolean {
    const { peer } = this;
    if (this.#closing || peer.#gone) return false;
    peer.#inbox.push(bytes.slice());
    peer.#inboxBytes += bytes.length;
    peer.#schedule();
    this.#full = peer.#inboxBytes > highWaterMark;
    return !this.#full;
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#schedule();
  }

  close(_cause: CloseCause): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#drop();
    this.#lingering = setTimeout(() => this.#leave(), linger);
    this.#hangUp();
    this.#schedule();
  }

  destroy(): void {
    if (this.#gone) return;
    this.#closing = true;
    this.peer.#drop();
    this.#hangUp();
    this.#leave();
  }

  #hangUp(): void {
    this.peer.#ending = true;
    this.peer.#schedule();
  }

  #drop(): void {
    this.#inbox = [];
    this.#inboxBytes = 0;
  }

  #leave(): void {
    this.#gone = true;
    clearTimeout(this.#lingering);
    this.#drop();
    setImmediate(() => this.#handlers?.closed(null));
  }

  #schedule(): void {
    if (this.#scheduled || this.#gone) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#deliver();
    });
  }

  #deliver(): void {
    // A lingering connection drops its input.
    if (this.#closing) this.#drop();
    while (this.#handlers && !this.#paused && !this.#closing && !this.#gone) {
      const chunk = this.#inbox.shift();
      if (!chunk) break;
      this.#inboxBytes -= chunk.length;
      this.#handlers.data(chunk, 'text');
    }
    if (this.#inbox.length === 0) this.#emptied();
  }

  /** All input is delivered: the peer may write again, and its end may be reported. */
  #emptied(): void {
    const { peer } = this;
    if (peer.#full) {
      peer.#full = false;
      if (!peer.#closing) peer.#handlers?.drain();
    }
    if (!this.#ending || this.#gone) return;
    if (this.#closing) this.#leave();
    else if (this.#handlers && !this.#ended && !this.#paused) {
      this.#ended = true;
      if (this.framing === 'stream') this.#handlers.end();
      else this.destroy();
    }
  }
}
