import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import { certificateOf, peerOf } from './peer.js';
import { linger } from './socket-connection.js';
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

/** Options of both ends. Compression before registration would let a stranger make the server inflate; the codec checks UTF-8. */
export const webSocketOptions = {
  perMessageDeflate: false,
  skipUTF8Validation: true,
  // How long the library waits for the other side's close frame and end before it destroys the socket.
  closeTimeout: linger,
} as const;

/** The library's WebSocket, asked before it sends a close frame for a fault that it found itself. */
export class FaultingWebSocket extends WebSocket {
  /** Hears the close code while messages can still be sent. */
  onFault: ((code: number) => void) | null = null;

  /**
   * Called by the library alone: with a code only for a fault of the peer's, with code and reason (or neither) to answer the
   * peer's close frame.
   */
  override close(code?: number, reason?: string | Buffer): void {
    const faulted = code !== undefined && reason === undefined;
    if (faulted && this.readyState === WebSocket.OPEN) this.onFault?.(code);
    super.close(code, reason);
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
  #faultCode: number | null = null;
  #lastWasBinary = false;
  #paused = false;
  #closing = false;
  #gone = false;

  /** @param webSocket open as of this very tick, so that nothing was read from it yet. */
  constructor(webSocket: FaultingWebSocket, socket: Socket, scheme: 'ws' | 'wss') {
    this.#webSocket = webSocket;
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
    webSocket.on('close', () => {
      this.#gone = true;
      this.#handlers?.closed(this.#cause());
    });
    webSocket.onFault = (code) => this.#fault(code);
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
    if (this.#handlers && !this.#closing) this.#webSocket.resume();
  }

  ping(answered: () => void): void {
    if (this.#closing || this.#webSocket.readyState !== WebSocket.OPEN) return;
    this.#webSocket.once('pong', answered);
    this.#webSocket.ping();
  }

  close(cause: CloseCause): void {
    if (this.#closing || this.#gone) return;
    this.#closing = true;
    const known = cause === 'protocol-error' && this.#lastWasBinary ? notAcceptable : null;
    this.#webSocket.closeWith(this.#faultCode ?? known ?? closeCodes[cause]);
    // The peer's close frame stands behind whatever else it has sent: read on and drop.
    this.#webSocket.resume();
  }

  destroy(): void {
    this.#closing = true;
    this.#webSocket.terminate();
  }

  #message(data: Buffer, isBinary: boolean): void {
    if (this.#closing) return;
    this.#lastWasBinary = isBinary;
    this.#handlers?.data(data, isBinary ? 'binary' : 'text');
  }

  #fault(code: number): void {
    if (this.#closing) return;
    this.#faultCode = code;
    const kind = code === 1009 ? 'too-long' : code === 1007 ? 'not-utf8' : 'bad-frame';
    this.#handlers?.fault(kind);
  }

  /** What broke the connection; how it ends after this side has closed it is of no interest. */
  #cause(): Error | null {
    return this.#closing ? null : this.#error;
  }
}
