/** Two connections, each the other's peer, where whatever arrives does so when an interleaving says. */

import type {
  CloseCause,
  Connection,
  ConnectionHandlers,
} from '../../adapters/net/transports/index.js';
import { linger } from '../../adapters/net/transports/socket-connection.js';
import type { Framing } from '../../adapters/net/wire/codec.js';
import type { Interleaving } from './interleaving.js';

/** How the network between the two behaves. */
export interface Network {
  readonly framing: Framing;
  /** How many bytes each chunk on a stream has at most, in turn, from the first again after the last. */
  readonly cuts: readonly number[];
  /** Bytes on their way after which a writer is told to wait. */
  readonly highWaterMark: number;
  /** Whether what is on its way is lost when its writer destroys his end. */
  readonly destroyLoses: boolean;
  /** Whether a reader that has paused hears of the end at once, or when it reads on. */
  readonly endWaits: boolean;
}

export interface Pair {
  readonly client: ControlledConnection;
  readonly gate: ControlledConnection;
  /** The connection breaks: what is under way is lost, and both sides hear of it, each in its time. */
  drop(): void;
  /** The cable is pulled: what is under way or sent from now on is lost, and nobody hears of it. */
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
  /** What was to be written, each write as it was, whether or not there was still anybody to read it. */
  readonly written: string[] = [];
  /** What this end was asked to do after it had been closed. */
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
  /** The peer has said its last; told once the inbox is empty. */
  #ending = false;
  #ended = false;
  #closing = false;
  /** This end was asked to close or destroy the connection, and did not do so by itself. */
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

  /** The peer's end of a half-close: it says its last, and reads on. */
  halfClose(): void {
    this.#interleaving.say(`${this.name} ends its side`);
    this.#hangUp();
  }

  /** A reset arrives here, in its time. */
  break(): void {
    if (this.#broken || this.#gone || this.#muted) return;
    this.#broken = true;
    this.#inbox = [];
    this.#interleaving.later(`reset at ${this.name}`, () => this.#leave());
  }

  /** Nothing arrives here any more. */
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
    // What was sent to a socket that is there no more is answered with a reset.
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

  /** One thing at a time, in order. */
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
    // One that lingers takes what it is sent, and drops it.
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

  /** A frame as it was written; on a stream as much as the network cuts, whatever the writes were. */
  #take(): Uint8Array {
    if (this.framing === 'frame') return this.#inbox.shift() as Uint8Array;
    const all = Buffer.concat(this.#inbox);
    const { cuts } = this.#network;
    const length = cuts[this.#cut % cuts.length] ?? all.length;
    this.#cut += 1;
    this.#inbox = length < all.length ? [all.subarray(length)] : [];
    return all.subarray(0, length);
  }

  /** All that was received is delivered: the peer may write on. */
  #emptied(): void {
    const { peer } = this;
    if (!peer.#full) return;
    peer.#full = false;
    this.#interleaving.later(`drain at ${peer.name}`, () => {
      if (!peer.#closing && !peer.#gone) peer.#handlers?.drain();
    });
  }
}
