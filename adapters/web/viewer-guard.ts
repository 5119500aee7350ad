import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { boundsFor } from '../net/transports/faulting-web-socket.js';
import {
  Penalties,
  type Rate,
  sourceOf,
  TokenBucket,
  TokenBuckets,
} from '../server/limits/index.js';
import { clientAddressOf } from './client-address.js';
import { refuseUpgrade } from './refuse-upgrade.js';

/** Rate limit of viewer connections per address. The page reconnects after 0.5 to 5 s. */
const upgrades: Rate = { perSecond: 2, burst: 64 };
/** Milliseconds for which an address is blocked after one of its viewers sent too many frames. */
const floodPenalty = 10_000;
/** Maximum number of tracked addresses. */
const maxSources = 4_096;
/** Delay of the answer to a refused upgrade in milliseconds: viewers that retry immediately retry once a second. */
const refusalDelay = 1_000;
/** Maximum number of delayed refusals; further ones are answered immediately. */
const maxWaiting = 16;

/** Options of a WebSocket server for viewers. @param maxMessage maximum size of a message in bytes */
export function viewerSocketOptions(maxMessage: number) {
  return {
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    // One frame per turn of the event loop: the gate serves its clients in between.
    allowSynchronousEvents: false,
    ...boundsFor(maxMessage),
    // Milliseconds for a viewer to answer the close frame.
    closeTimeout: 1_000,
  } as const;
}

/** Takes tokens of a viewer for expensive messages. @returns false when there are too few; then the viewer is closed. */
export type Charge = (tokens: number) => boolean;

/**
 * Protects the gate from floods of viewers: limits the frames of each viewer and the connections of each address. Frames are counted
 * per viewer, so that a flood does not close other viewers of the same address.
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
  /** Number of delayed refusals. */
  #waiting = 0;

  /** @param frames rate limit per viewer, including pings and pongs. */
  constructor(frames: Rate) {
    this.#frames = frames;
  }

  /** Refuses an upgrade with 429 if its address connects too often or is blocked. @returns whether the viewer may connect. */
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
   * Counts the frames of a viewer. Must be called before other listeners for its messages are added.
   * @param flooded must send the reason to the viewer and close it; called once. The viewer is not read any more.
   */
  watch(webSocket: WebSocket, request: IncomingMessage, flooded: (why: string) => void): Charge {
    const { socket } = request;
    const source = sourceOfViewer(request);
    const bucket = new TokenBucket(this.#frames, this.#now);
    let isOver = false;
    const charge = (tokens: number): boolean => {
      if (!isOver && bucket.take(tokens)) return true;
      // Further frames stay in the socket and are dropped with the connection.
      webSocket.pause();
      if (isOver) return false;
      isOver = true;
      this.#penalties.add(source, floodPenalty);
      const { perSecond, burst } = this.#frames;
      flooded(
        `too many messages: expected at most ${perSecond} per second with a burst of ${burst}`,
      );
      return false;
    };
    const frame = () => void charge(1);
    webSocket.on('message', frame);
    webSocket.on('ping', frame);
    webSocket.on('pong', frame);
    // After a protocol error the library resumes the socket in the next tick and discards its data.
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
