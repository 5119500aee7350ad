import type { Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { certificateOf, peerOf } from './peer.js';
import { linger, maxDropped } from './socket-connection.js';
import { peerAnswers } from './tcp-probe.js';
import type { CloseCause, Connection, ConnectionHandlers } from './transport.js';

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

const faultKinds: Readonly<Record<number, Parameters<ConnectionHandlers['fault']>[0]>> = {
  1007: 'not-utf8',
  [tooMany]: 'too-many-frames',
  1009: 'too-long',
};

/** Pings and pongs that a peer may send: so many at once, so many a second. */
const controlFrames = { burst: 100, perSecond: 10 } as const;
/** Pongs that wait for the system to take them. */
const pongsAtOnce = 16;

/** Options of both ends. Compression before registration would let a stranger make the server inflate; the codec checks UTF-8. */
const webSocketOptions = {
  perMessageDeflate: false,
  skipUTF8Validation: true,
  // Answered by the connection: the library keeps one answer for each ping that is not answered yet.
  autoPong: false,
  // How long the library waits for the other side's close frame and end before it destroys the socket.
  closeTimeout: linger,
} as const;

/** The options of an end that takes messages of so many bytes. */
export function optionsFor(maxFrame: number) {
  return { ...webSocketOptions, ...boundsFor(maxFrame) };
}

/** Limits of the library for an end that takes messages of so many bytes. */
export function boundsFor(maxFrame: number) {
  // Each piece of an unfinished message is an object beside its bytes, so their number has a bound too: 64 bytes a piece at
  // the default of 64 KiB, and 256 where messages are large.
  const pieces = 1_024 + Math.ceil(maxFrame / 256);
  return { maxPayload: maxFrame, maxFragments: pieces, maxBufferedChunks: pieces };
}

/** The library's WebSocket, which leaves it to its connection when to close for a fault that the library found. */
export class FaultingWebSocket extends WebSocket {
  /** Takes the close code of the first fault, while messages can still be sent, and closes. The library reads no further. */
  onFault: ((code: number) => void) | null = null;

  /**
   * Called by the library alone: with a code only for a fault of the peer's, with code and reason (or neither) to answer the
   * peer's close frame.
   */
  override close(code?: number, reason?: string | Buffer): void {
    const faulted = code !== undefined && reason === undefined;
    if (faulted && this.onFault && this.readyState === WebSocket.OPEN) this.onFault(code);
    else super.close(code, reason);
  }

  /**
   * Sets how long a message may be, from the next one on. The library takes it when the WebSocket opens and keeps it to itself;
   * were it to keep it elsewhere, the limit of the beginning would stay: the smaller one, where the peer is to be trusted later.
   */
  limitMessages(maxFrame: number): void {
    const receiver = (this as { _receiver?: Record<string, unknown> })._receiver;
    for (const [name, bound] of Object.entries(boundsFor(maxFrame))) {
      if (typeof receiver?.[`_${name}`] === 'number') receiver[`_${name}`] = bound;
    }
  }

  /** Closes from this side. */
  closeWith(code: number): void {
    super.close(code);
  }
}

/** A WebSocket as a connection. There is no half-close: the peer's close frame is answered and `closed` follows. */
export class WebSocketConnection implements Connection {
  readonly scheme: 'ws' | 'wss';
  readonly framing = 'frame';
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly certificate: Connection['certificate'];
  readonly #webSocket: FaultingWebSocket;
  readonly #socket: Socket;
  #handlers: ConnectionHandlers | null = null;
  #error: Error | null = null;
  #maxFrame: number;
  /** The first fault: its close code, and the longest frame when it was found. */
  #fault: { readonly code: number; readonly maxFrame: number } | null = null;
  /** The fault was told. */
  #hasFaulted = false;
  #lastWasBinary = false;
  /** Control frames that the peer may still send, as of when it sent the last one. */
  #controls: number = controlFrames.burst;
  #controlsAt = performance.now();
  /** Pongs that are on their way, and the payload of the newest ping that had to wait. */
  #pongs = 0;
  #pinged: Buffer | null = null;
  /** Who waits for a pong. */
  #pingers: (() => void)[] = [];
  #paused = false;
  #closing = false;
  #gone = false;

  /**
   * @param webSocket open as of this very tick, so that nothing was read from it yet.
   * @param maxFrame the longest message that it takes
   */
  constructor(
    webSocket: FaultingWebSocket,
    socket: Socket,
    scheme: 'ws' | 'wss',
    maxFrame: number,
  ) {
    this.#webSocket = webSocket;
    this.#maxFrame = maxFrame;
    this.#socket = socket;
    this.scheme = scheme;
    ({ remoteAddress: this.remoteAddress, remotePort: this.remotePort } = peerOf(socket));
    this.certificate = certificateOf(socket);
    webSocket.pause();
    const broke = (error: Error) => {
      this.#error ??= error;
    };
    webSocket.on('error', broke);
    socket.on('error', broke);
    socket.on('drain', () => {
      if (!this.#closing) this.#handlers?.drain();
    });
    webSocket.on('message', (data, isBinary) => this.#message(data as Buffer, isBinary));
    webSocket.on('ping', (payload) => {
      if (this.#mayControl()) this.#pong(payload);
    });
    webSocket.on('pong', () => this.#ponged());
    webSocket.on('close', () => {
      this.#gone = true;
      this.#handlers?.closed(this.#cause());
    });
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

  /** Its WebSocket has to answer; its system alone where nothing is read from it now. */
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
    // The peer's close frame stands behind whatever else it has sent: read on and drop.
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

  #message(data: Buffer, isBinary: boolean): void {
    if (this.#closing || this.#fault) return;
    this.#lastWasBinary = isBinary;
    this.#handlers?.data(data, isBinary ? 'binary' : 'text');
  }

  /** Answers a ping; of those that come while answers cannot leave, the last (RFC 6455, 5.5.3), so that no flood piles up. */
  #pong(payload: Buffer): void {
    if (this.#pongs >= pongsAtOnce) {
      // A copy: the payload is a view of all that came with it.
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

  /** A pong that this side asked for is not counted as a control frame of the peer's own. */
  #ponged(): void {
    if (this.#pingers.length === 0) this.#mayControl();
    for (const answered of this.#pingers.splice(0)) answered();
  }

  /** Counts a control frame: too many of them are a flood. */
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

  /** Told at once, or when the handler has processed what came before it. Nothing is read meanwhile. */
  #faulted(code: number): void {
    if (this.#closing || this.#fault) return;
    this.#fault = { code, maxFrame: this.#maxFrame };
    this.#socket.removeAllListeners('data');
    if (!this.#paused) this.#tellFault(this.#fault);
    // Afterwards: the library resumes a socket with a fault in the next tick.
    else process.nextTick(() => this.#closing || this.#hasFaulted || this.#socket.pause());
  }

  #tellFault({ code, maxFrame }: { readonly code: number; readonly maxFrame: number }): void {
    if (this.#hasFaulted) return;
    this.#hasFaulted = true;
    this.#handlers?.fault(faultKinds[code] ?? 'bad-frame', maxFrame);
    if (!this.#closing) this.#webSocket.closeWith(code);
    // What the peer still sends is not even looked at.
    this.#socket.resume();
  }

  /** What broke the connection; how it ends after this side has closed it is of no interest. */
  #cause(): Error | null {
    return this.#closing ? null : this.#error;
  }
}
