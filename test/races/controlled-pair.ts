/** Two connected connections; an interleaving decides when data arrives. */

import type {
  CloseCause,
  Connection,
  ConnectionHandlers,
} from '../../adapters/net/transports/index.js';
import { linger } from '../../adapters/net/transports/stream-connection.js';
import type { Framing } from '../../adapters/net/wire/codec.js';
import type { Interleaving } from './interleaving.js';

/** The behaviour of the network between them. */
export interface Network {
  readonly framing: Framing;
  /** Maximum bytes of each chunk on a stream, in order, starting again after the last. */
  readonly cuts: readonly number[];
  /** Bytes in transit after which a writer has to wait. */
  readonly highWaterMark: number;
  /** Whether data in transit is lost when its writer destroys its end. */
  readonly destroyLoses: boolean;
  /** Whether a paused reader gets the end at once, or when it resumes. */
  readonly endWaits: boolean;
}

export interface Pair {
  readonly client: ControlledConnection;
  readonly gate: ControlledConnection;
  /** The connection breaks: data in transit is lost, and both sides notice it, each at its own time. */
  drop(): void;
  /** The cable is pulled: data in transit or sent later is lost, and neither side notices. */
  vanish(): void;
}

export function controlledPair(interleaving: Interleaving, network: Network, name = ''): Pair {
  const client = new ControlledConnection(interleaving, network, `client${name}`);
  const { peer: gate } = client;
  return {
    client,
    gate,
    drop: () => {
      client.break();
      gate.break();
    },
    vanish: () => {
      client.mute();
      gate.mute();
    },
  };
}

const reset = () => Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });

export class ControlledConnection implements Connection {
  readonly scheme = 'memory';
  readonly framing: Framing;
  readonly remoteAddress = '127.0.0.1';
  readonly remotePort = 0;
  readonly certificate = null;
  readonly peer: ControlledConnection;
  readonly name: string;
  /** All writes as they were made, whether or not a reader was left. */
  readonly written: string[] = [];
  /** Calls to this end after it was closed. */
  readonly misuse: string[] = [];
  readonly #interleaving: Interleaving;
  readonly #network: Network;
  #handlers: ConnectionHandlers | null = null;
  #inbox: Uint8Array[] = [];
  #cut = 0;
  #arrivalIsDue = false;
  #paused = false;
  #full = false;
  #muted = false;
  /** The peer has sent its last byte; reported when the inbox is empty. */
  #ending = false;
  #ended = false;
  #closing = false;
  /** The user of this end asked to close or destroy the connection; it did not happen by itself. */
  #asked = false;
  #broken = false;
  #gone = false;
  #lingering: NodeJS.Timeout | undefined;

  constructor(
    interleaving: Interleaving,
    network: Network,
    name: string,
    peer?: ControlledConnection,
  ) {
    this.#interleaving = interleaving;
    this.#network = network;
    this.framing = network.framing;
    this.name = name;
    this.peer =
      peer ?? new ControlledConnection(interleaving, network, name.replace('client', 'gate'), this);
  }

  get unsent(): number {
    return this.peer.#inbox.reduce((sum, { length }) => sum + length, 0);
  }

  start(handlers: ConnectionHandlers): void {
    this.#handlers = handlers;
    if (this.#gone) this.#tellClosed();
    else this.#expect();
  }

  write(bytes: Uint8Array): boolean {
    const text = Buffer.from(bytes).toString().trim();
    if (this.#asked) this.misuse.push(`${this.name} writes after its close: ${text}`);
    this.written.push(text);
    this.#interleaving.say(`${this.name} writes ${text}`);
    if (this.#closing || this.#gone) return false;
    const { peer } = this;
    if (peer.#gone) this.break();
    else peer.#inbox.push(bytes.slice());
    peer.#expect();
    this.#full = this.unsent > this.#network.highWaterMark;
    return !this.#full;
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#expect();
  }

  close(cause: CloseCause): void {
    this.#asked = true;
    if (this.#closing) return;
    this.#closing = true;
    if (this.#gone) return;
    this.#interleaving.say(`${this.name} closes (${cause})`);
    this.#inbox = [];
    this.#emptied();
    this.#interleaving.lingering += 1;
    this.#lingering = setTimeout(() => {
      this.#interleaving.lingering -= 1;
      this.#lingering = undefined;
      this.#leave();
    }, linger);
    this.#hangUp();
    this.#expect();
  }

  destroy(): void {
    this.#asked = true;
    this.#destroy();
  }

  /** The peer's half-close: it sends no more data, and reads on. */
  halfClose(): void {
    this.#interleaving.say(`${this.name} ends its side`);
    this.#hangUp();
  }

  /** A reset arrives here, at its own time. */
  break(): void {
    if (this.#broken || this.#gone || this.#muted) return;
    this.#broken = true;
    this.#inbox = [];
    this.#interleaving.later(`reset at ${this.name}`, () => this.#leave());
  }

  /** No more data arrives here. */
  mute(): void {
    this.#muted = true;
  }

  #hangUp(): void {
    this.peer.#ending = true;
    this.peer.#expect();
  }

  #destroy(): void {
    if (this.#gone) return;
    this.#interleaving.say(`${this.name} destroys its end`);
    this.#closing = true;
    const { peer } = this;
    if (this.#network.destroyLoses) peer.#inbox = [];
    this.#leave();
    this.#hangUp();
  }

  #leave(): void {
    if (this.#gone) return;
    this.#gone = true;
    if (this.#lingering) this.#interleaving.lingering -= 1;
    clearTimeout(this.#lingering);
    // Data sent to a closed socket is answered with a reset.
    if (this.#inbox.length > 0) this.peer.break();
    this.#inbox = [];
    this.#tellClosed();
  }

  #tellClosed(): void {
    const handlers = this.#handlers;
    if (!handlers) return;
    this.#interleaving.later(`closed at ${this.name}`, () => {
      const error = this.#broken && !this.#closing ? reset() : null;
      this.#interleaving.say(`${this.name} is gone${error ? ` (${error.message})` : ''}`);
      handlers.closed(error);
    });
  }

  /** Whether there is anything that could arrive now. */
  get #canArrive(): boolean {
    if (this.#gone || this.#broken || this.#muted) return false;
    if (this.#closing) return this.#inbox.length > 0 || this.#ending;
    if (!this.#handlers) return false;
    const isNext = this.#ending && !this.#ended && this.#inbox.length === 0;
    if (this.#paused) return isNext && !this.#network.endWaits;
    return this.#inbox.length > 0 || isNext;
  }

  /** One delivery at a time, in order. */
  #expect(): void {
    if (this.#arrivalIsDue || !this.#canArrive) return;
    this.#arrivalIsDue = true;
    this.#interleaving.later(`to ${this.name}`, () => {
      this.#arrivalIsDue = false;
      if (this.#canArrive) this.#arrive();
      this.#expect();
    });
  }

  #arrive(): void {
    // A lingering end reads its data and drops it.
    if (this.#closing) {
      this.#inbox = [];
      this.#emptied();
      if (this.#ending) this.#leave();
      return;
    }
    if (this.#inbox.length === 0) {
      this.#ended = true;
      this.#interleaving.say(`${this.name} hears the end`);
      if (this.framing === 'stream') this.#handlers?.end();
      else this.#destroy();
      return;
    }
    const chunk = this.#take();
    this.#interleaving.say(`${this.name} reads ${chunk.length} bytes`);
    this.#handlers?.data(chunk, 'text');
    if (this.#inbox.length === 0) this.#emptied();
  }

  /** A frame as it was written; on a stream as many bytes as the network delivers, whatever the writes were. */
  #take(): Uint8Array {
    if (this.framing === 'frame') return this.#inbox.shift() as Uint8Array;
    const all = Buffer.concat(this.#inbox);
    const { cuts } = this.#network;
    const length = cuts[this.#cut % cuts.length] ?? all.length;
    this.#cut += 1;
    this.#inbox = length < all.length ? [all.subarray(length)] : [];
    return all.subarray(0, length);
  }

  /** All received data is delivered: the peer may resume writing. */
  #emptied(): void {
    const { peer } = this;
    if (!peer.#full) return;
    peer.#full = false;
    this.#interleaving.later(`drain at ${peer.name}`, () => {
      if (!peer.#closing && !peer.#gone) peer.#handlers?.drain();
    });
  }
}
