/** A WebSocket of a browser as a connection. It has no pings, and no headers, certificates or keep-alive can be set. */
import { attempt } from '../net/transports/attempt.js';
import { type Endpoint, formatEndpoint } from '../net/transports/endpoint.js';
import type { CloseCause, Connection, ConnectionHandlers } from '../net/transports/transport.js';
import type { ClientTransport } from './client-transport.js';

/** Milliseconds that a closed WebSocket has for the answer of the server. */
const linger = 1_000;
/** Bytes that wait to be sent above which the server counts as slow. */
const highWaterMark = 1_048_576;
/** The close code of a WebSocket that broke. */
const broken = 1006;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Opens WebSockets with the global `WebSocket`. */
export const webSocketTransport: ClientTransport = {
  connect: (endpoint, options) =>
    attempt(endpoint, options, ({ opened, failed }) => {
      const socket = new WebSocket(formatEndpoint(endpoint));
      socket.binaryType = 'arraybuffer';
      socket.onopen = () => opened(new WebSocketConnection(socket, endpoint));
      // Browsers do not tell pages why.
      socket.onerror = () => failed(new Error('the WebSocket could not be opened'));
      return () => {
        socket.onopen = socket.onerror = null;
        socket.close();
      };
    }),
};

class WebSocketConnection implements Connection {
  readonly framing = 'frame';
  readonly certificate = null;
  readonly #socket: WebSocket;
  readonly #endpoint: Endpoint;
  #handlers: ConnectionHandlers | null = null;
  /** What came before `start` or while paused. */
  #waiting: (() => void)[] = [];
  #isPaused = true;
  #isClosing = false;

  constructor(socket: WebSocket, endpoint: Endpoint) {
    this.#socket = socket;
    this.#endpoint = endpoint;
    socket.onerror = null;
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      if (this.#isClosing) return;
      this.#deliver(() =>
        typeof data === 'string'
          ? this.#handlers?.data(encoder.encode(data), 'text')
          : this.#handlers?.data(new Uint8Array(data), 'binary'),
      );
    };
    socket.onclose = ({ code, reason }) => {
      const error = new Error(`the WebSocket broke ${reason}`.trim());
      this.#deliver(() => this.#leave(code === broken && !this.#isClosing ? error : null));
    };
  }

  get scheme(): Connection['scheme'] {
    return this.#endpoint.scheme;
  }

  get remoteAddress(): string {
    return this.#endpoint.host;
  }

  get remotePort(): number {
    return this.#endpoint.port;
  }

  get unsent(): number {
    return this.#socket.bufferedAmount;
  }

  start(handlers: ConnectionHandlers): void {
    this.#handlers = handlers;
    this.resume();
  }

  write(bytes: Uint8Array): boolean {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(decoder.decode(bytes));
    return this.unsent < highWaterMark;
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    while (!this.#isPaused && this.#waiting.length > 0) this.#waiting.shift()?.();
  }

  close(cause: CloseCause): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#socket.close(1000, cause);
    this.#waiting = [];
    this.resume();
    setTimeout(() => this.#leave(null), linger);
  }

  destroy(): void {
    this.close('done');
    queueMicrotask(() => this.#leave(null));
  }

  #deliver(deliver: () => void): void {
    this.#waiting.push(deliver);
    if (!this.#isPaused) this.resume();
  }

  #leave(error: Error | null): void {
    const handlers = this.#handlers;
    this.#handlers = this.#socket.onmessage = this.#socket.onclose = null;
    handlers?.closed(error);
  }
}
