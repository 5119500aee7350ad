import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { boundsFor } from '../net/transports/ws-connection.js';
import {
  Penalties,
  type Rate,
  sourceOf,
  TokenBucket,
  TokenBuckets,
} from '../server/limits/index.js';
import { clientAddressOf } from './client-address.js';
import { refuseUpgrade } from './refuse-upgrade.js';

/** Viewers of one address that may connect. The page tries again 0.5 to 5 s after it lost its connection. */
const upgrades: Rate = { perSecond: 2, burst: 64 };
/** Milliseconds for which no viewer may connect from an address of which one sent too many frames. */
const floodPenalty = 10_000;
/** Addresses that are remembered. */
const maxSources = 4_096;
/** Milliseconds a refused upgrade waits for its answer, so that a viewer that comes back at once does so once a second. */
const refusalDelay = 1_000;
/** Refused upgrades that wait; more are answered at once. */
const maxWaiting = 16;

/** Options of a WebSocket server for viewers whose messages have so many bytes at most. */
export function viewerSocketOptions(maxMessage: number) {
  return {
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    // One frame in a turn of the event loop, and not all that arrived at once: between two of them the gate serves its clients.
    allowSynchronousEvents: false,
    ...boundsFor(maxMessage),
    // Milliseconds a viewer has to answer the close.
    closeTimeout: 1_000,
  } as const;
}

/** Takes tokens of a viewer for what costs more than one frame. @returns false when there are too few; then the viewer is closed. */
export type Charge = (tokens: number) => boolean;

/**
 * Keeps viewers from flooding the gate: limits the frames that each may send, and how often an address may connect. The frames of a
 * viewer are counted for itself, so that a flood closes no other viewer of its address.
 */
export class ViewerGuard {
  readonly #frames: Rate;
  readonly #now = () => performance.now();
  readonly #upgrades = new TokenBuckets({ ...upgrades, sources: maxSources, now: this.#now });
  readonly #penalties = new Penalties({
    min: floodPenalty,
    max: floodPenalty,
    sources: maxSources,
    now: this.#now,
  });
  /** Refused upgrades that wait for their answer. */
  #waiting = 0;

  /** @param frames that one viewer may send, pings and pongs included. */
  constructor(frames: Rate) {
    this.#frames = frames;
  }

  /** Refuses an upgrade (429) from an address that connected too often, or that flooded. @returns whether the viewer may connect. */
  admits(request: IncomingMessage, socket: Duplex): boolean {
    const source = sourceOfViewer(request);
    const penalty = this.#penalties.remaining(source);
    if (penalty > 0)
      this.#refuse(socket, penalty, 'a viewer of this address sent too many messages');
    else if (this.#upgrades.take(source)) return true;
    else
      this.#refuse(socket, 1_000 / upgrades.perSecond, 'viewers of this address connect too often');
    return false;
  }

  /**
   * Counts the frames of a viewer. Call it before anything else listens to its messages.
   * @param flooded tells the viewer why and closes it; called once, and nothing is read from the viewer afterwards.
   */
  watch(webSocket: WebSocket, request: IncomingMessage, flooded: (why: string) => void): Charge {
    const { socket } = request;
    const source = sourceOfViewer(request);
    const bucket = new TokenBucket(this.#frames, this.#now);
    let isOver = false;
    const charge = (tokens: number): boolean => {
      if (!isOver && bucket.take(tokens)) return true;
      // What it still sends waits in the system, and is dropped with the connection.
      webSocket.pause();
      if (isOver) return false;
      isOver = true;
      this.#penalties.add(source, floodPenalty);
      const { perSecond, burst } = this.#frames;
      flooded(`too many messages: expected at most ${perSecond} a second and ${burst} at once`);
      return false;
    };
    const frame = () => void charge(1);
    webSocket.on('message', frame);
    webSocket.on('ping', frame);
    webSocket.on('pong', frame);
    // After a fault of the protocol the library resumes the socket in the next tick, and drops what it reads.
    webSocket.on('error', () => process.nextTick(() => socket.pause()));
    return charge;
  }

  #refuse(socket: Duplex, wait: number, why: string): void {
    const seconds = String(Math.ceil(wait / 1_000));
    const delay = this.#waiting < maxWaiting ? refusalDelay : 0;
    this.#waiting += 1;
    socket.on('error', () => {});
    setTimeout(() => {
      this.#waiting -= 1;
      if (!socket.destroyed)
        refuseUpgrade(socket, '429 Too Many Requests', why, { 'Retry-After': seconds });
    }, delay);
  }
}

function sourceOfViewer(request: IncomingMessage): string {
  return sourceOf(clientAddressOf(request), { ipv4: 32, ipv6: 64 }).address;
}
