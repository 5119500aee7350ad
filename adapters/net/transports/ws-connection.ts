import type { Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { type RawData, WebSocket } from 'ws';
import type { FaultingSocket } from './faulting-web-socket.js';
import { certificateOf, type Peer, peerOf, servernameOf } from './peer.js';
import { maxDropped } from './stream-connection.js';
import { peerAnswers } from './tcp-probe.js';
import type { CloseCause, Connection, ConnectionHandlers } from './transport.js';
import type { UpgradeRequest } from './upgrade-request.js';

/** RFC 6455, section 7.4.1. */
const closeCodes: Readonly<Record<CloseCause, number>> = {
  done: 1000,
  refused: 1008,
  timeout: 1008,
  'protocol-error': 1002,
  'going-away': 1001,
};
const notAcceptable = 1003;
const tooMany = 1008;
const tooLong = 1009;

const faultKinds: Readonly<Record<number, Parameters<ConnectionHandlers['fault']>[0]>> = {
  1007: 'not-utf8',
  [tooMany]: 'too-many-frames',
  [tooLong]: 'too-long',
};

/** Rate and burst of the pings and pongs that a peer may send. */
const controlFrames = { burst: 100, perSecond: 10 } as const;
/** Maximum number of pongs that wait for the system. */
const pongsAtOnce = 16;

export interface WebSocketOptions {
  readonly scheme: 'ws' | 'wss';
  /** The maximum message length in bytes. */
  readonly maxFrame: number;
  /** @default the address of the socket's peer */
  readonly peer?: Peer;
  /** @default null */
  readonly request?: UpgradeRequest;
}

/** The property of a WebSocket and of its socket that has their connection. All of them share their listener functions. */
const connection = Symbol('connection');
type Connected<Emitter> = Emitter & { [connection]?: WebSocketConnection | undefined };

/** A WebSocket as a connection. WebSocket has no half-close: after the peer's close frame is answered, `closed` follows. */
export class WebSocketConnection implements Connection {
  readonly scheme: 'ws' | 'wss';
  readonly framing = 'frame';
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly certificate: Connection['certificate'];
  readonly proxyAddress: string | undefined;
  readonly servername: string | undefined;
  request: UpgradeRequest | null;
  readonly #webSocket: FaultingSocket;
  readonly #socket: Socket;
  #handlers: ConnectionHandlers | null = null;
  #error: Error | null = null;
  #maxFrame: number;
  /** The first fault: its close code, and the maximum frame length when it was found. */
  #fault: { readonly code: number; readonly maxFrame: number } | null = null;
  /** The fault was reported. */
  #hasFaulted = false;
  #lastWasBinary = false;
  /** Control frames that the peer could still send when it sent the last one. */
  #controls: number = controlFrames.burst;
  #controlsAt = performance.now();
  /** Number of pongs in transit, and the payload of the newest ping without a pong. */
  #pongs = 0;
  #pinged: Buffer | null = null;
  /** The callbacks of pings without a pong. */
  #pingers: (() => void)[] = [];
  #paused = false;
  #closing = false;
  #gone = false;

  /** @param webSocket opened in this tick, so that nothing was read from it yet */
  constructor(webSocket: FaultingSocket, socket: Socket, options: WebSocketOptions) {
    const { scheme, maxFrame, peer = peerOf(socket), request = null } = options;
    this.#webSocket = webSocket;
    this.#maxFrame = maxFrame;
    this.#socket = socket;
    this.scheme = scheme;
    this.remoteAddress = peer.remoteAddress;
    this.remotePort = peer.remotePort;
    this.proxyAddress = peer.proxyAddress;
    this.certificate = certificateOf(socket);
    this.servername = servernameOf(socket);
    this.request = request;
    webSocket.pause();
    (webSocket as Connected<WebSocket>)[connection] = this;
    (socket as Connected<Socket>)[connection] = this;
    webSocket.on('error', onError);
    socket.on('error', onError);
    socket.on('drain', onDrain);
    webSocket.on('message', onMessage);
    webSocket.on('ping', onPing);
    webSocket.on('pong', onPong);
    webSocket.on('close', onClose);
    webSocket.onFault = (code) => this.#faulted(code);
  }

  get unsent(): number {
    return this.#webSocket.bufferedAmount;
  }

  start(handlers: ConnectionHandlers): void {
    this.#handlers = handlers;
    if (this.#gone) queueMicrotask(() => handlers.closed(this.#cause()));
    else if (!this.#paused) this.#webSocket.resume();
  }

  write(bytes: Uint8Array): boolean {
    if (this.#closing || this.#webSocket.readyState !== WebSocket.OPEN) return false;
    this.#webSocket.send(bytes, { binary: false });
    return !this.#socket.writableNeedDrain;
  }

  pause(): void {
    this.#paused = true;
    if (!this.#closing) this.#webSocket.pause();
  }

  resume(): void {
    this.#paused = false;
    if (!this.#handlers || this.#closing) return;
    if (this.#fault) this.#tellFault(this.#fault);
    else this.#webSocket.resume();
  }

  limitFrames(maxFrame: number): void {
    this.#maxFrame = maxFrame;
    this.#webSocket.limitMessages(maxFrame);
  }

  ping(answered: () => void): void {
    if (this.#closing || this.#webSocket.readyState !== WebSocket.OPEN) return;
    this.#pingers.push(answered);
    this.#webSocket.ping();
  }

  /** The peer's WebSocket has to answer. While this connection is paused, an answer of its system is enough. */
  async probe(timeout: number): Promise<boolean> {
    if (this.#paused) return peerAnswers(this.#socket, timeout);
    const pong = new Promise<boolean>((resolve) => this.ping(() => resolve(true)));
    return Promise.race([pong, wait(timeout, false, { ref: false })]);
  }

  close(cause: CloseCause): void {
    if (this.#closing || this.#gone) return;
    this.#closing = true;
    const known = cause === 'protocol-error' && this.#lastWasBinary ? notAcceptable : null;
    const faultCode = this.#hasFaulted ? this.#fault?.code : undefined;
    this.#webSocket.closeWith(faultCode ?? known ?? closeCodes[cause]);
    let dropped = 0;
    this.#socket.on('data', (chunk: Buffer) => {
      dropped += chunk.length;
      if (dropped > maxDropped) this.#socket.pause();
    });
    // Other input may precede the peer's close frame, so it is read and dropped.
    if (this.#fault) this.#socket.resume();
    else this.#webSocket.resume();
  }

  destroy(): void {
    this.#closing = true;
    this.#webSocket.terminate();
  }

  reset(): void {
    this.#closing = true;
    if (this.scheme === 'ws') this.#socket.resetAndDestroy();
    else this.#webSocket.terminate();
  }

  /** @internal */
  received(data: Buffer, isBinary: boolean): void {
    if (this.#closing || this.#fault) return;
    // The library found no fault: it has another limit in a WebSocket of a service.
    if (data.length > this.#maxFrame) {
      this.#faulted(tooLong);
      return;
    }
    this.#lastWasBinary = isBinary;
    this.#handlers?.data(data, isBinary ? 'binary' : 'text');
  }

  /** @internal */
  pinged(payload: Buffer): void {
    if (this.#mayControl()) this.#pong(payload);
  }

  /** Sends a pong. While pongs cannot leave, only the newest ping is answered (RFC 6455, 5.5.3), so a flood does not pile up. */
  #pong(payload: Buffer): void {
    if (this.#pongs >= pongsAtOnce) {
      // Copied, because the payload is a view of the whole chunk.
      this.#pinged = Buffer.from(payload);
      return;
    }
    this.#pongs += 1;
    this.#webSocket.pong(payload, undefined, () => {
      this.#pongs -= 1;
      const newest = this.#pinged;
      this.#pinged = null;
      if (newest && !this.#closing && this.#webSocket.readyState === WebSocket.OPEN)
        this.#pong(newest);
    });
  }

  /** @internal A pong that answers a ping of this side does not count as a control frame of the peer. */
  ponged(): void {
    if (this.#pingers.length === 0) this.#mayControl();
    for (const answered of this.#pingers.splice(0)) answered();
  }

  /** @internal */
  drained(): void {
    if (!this.#closing) this.#handlers?.drain();
  }

  /** @internal */
  broke(error: Error): void {
    this.#error ??= error;
  }

  /** @internal */
  closed(): void {
    this.#gone = true;
    // Node's handle keeps a socket until a full garbage collection, and with it everything the socket refers to.
    (this.#webSocket as Connected<WebSocket>)[connection] = undefined;
    (this.#socket as Connected<Socket>)[connection] = undefined;
    this.#handlers?.closed(this.#cause());
  }

  /** Counts a control frame. @returns false when the peer sends too many */
  #mayControl(): boolean {
    if (this.#closing || this.#fault) return false;
    const now = performance.now();
    const regained = ((now - this.#controlsAt) / 1_000) * controlFrames.perSecond;
    this.#controls = Math.min(controlFrames.burst, this.#controls + regained) - 1;
    this.#controlsAt = now;
    if (this.#controls >= 0) return true;
    this.#faulted(tooMany);
    return false;
  }

  /** Reports the fault at once, or after the handler has processed the earlier input. Nothing is read meanwhile. */
  #faulted(code: number): void {
    if (this.#closing || this.#fault) return;
    this.#fault = { code, maxFrame: this.#maxFrame };
    this.#socket.removeAllListeners('data');
    if (!this.#paused) this.#tellFault(this.#fault);
    // In a later callback, because the library resumes a socket with a fault in the next tick.
    else process.nextTick(() => this.#closing || this.#hasFaulted || this.#socket.pause());
  }

  #tellFault({ code, maxFrame }: { readonly code: number; readonly maxFrame: number }): void {
    if (this.#hasFaulted) return;
    this.#hasFaulted = true;
    this.#handlers?.fault(faultKinds[code] ?? 'bad-frame', maxFrame);
    if (!this.#closing) this.#webSocket.closeWith(code);
    // Later input of the peer is dropped unread.
    this.#socket.resume();
  }

  /** The error that broke the connection; null after this side has closed it. */
  #cause(): Error | null {
    return this.#closing ? null : this.#error;
  }
}

function onMessage(this: Connected<WebSocket>, data: RawData, isBinary: boolean): void {
  this[connection]?.received(data as Buffer, isBinary);
}

function onPing(this: Connected<WebSocket>, payload: Buffer): void {
  this[connection]?.pinged(payload);
}

function onPong(this: Connected<WebSocket>): void {
  this[connection]?.ponged();
}

function onDrain(this: Connected<Socket>): void {
  this[connection]?.drained();
}

function onError(this: Connected<Socket | WebSocket>, error: Error): void {
  this[connection]?.broke(error);
}

function onClose(this: Connected<WebSocket>): void {
  this[connection]?.closed();
}
