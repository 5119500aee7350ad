import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { WebSocket } from 'ws';
import {
  type Connection,
  type Endpoint,
  formatEndpoint,
  type Listener,
  type ListenOptions,
  type Scheme,
  transportFor,
} from '../../adapters/net/transports/index.js';
import { Recorded } from './recorded.js';

export type HandshakeFailure = Parameters<ListenOptions['onHandshakeFailed']>[0];

/** A listener for tests that records its connections. */
export class TestListener implements AsyncDisposable {
  readonly connections: Connection[] = [];
  readonly failures: HandshakeFailure[] = [];
  readonly errors: Error[] = [];
  #listener: Listener | null = null;
  readonly #waiting = new Set<() => void>();

  static async open(
    scheme: Scheme,
    options: Partial<ListenOptions> & { port?: number; path?: string } = {},
  ): Promise<TestListener> {
    const made = new TestListener();
    const { port = 0, path = '/', ...rest } = options;
    const endpoint = { scheme, host: '127.0.0.1', port, path };
    made.#listener = await transportFor(scheme).listen(endpoint, {
      maxFrame: 65_536,
      handshakeTimeout: 10_000,
      onConnection: (connection) => {
        made.connections.push(connection);
        made.#wake();
      },
      onHandshakeFailed: (failure) => {
        made.failures.push(failure);
        made.#wake();
      },
      onError: (error) => made.errors.push(error),
      ...rest,
    });
    return made;
  }

  get endpoint(): Endpoint {
    if (!this.#listener) throw new Error('not listening');
    return this.#listener.endpoint;
  }

  /** The next connection. */
  async accepted(): Promise<Connection> {
    await this.#until(() => this.connections.length > 0);
    return this.connections.shift() as Connection;
  }

  /** The next failed handshake. */
  async failure(): Promise<HandshakeFailure> {
    await this.#until(() => this.failures.length > 0);
    return this.failures.shift() as HandshakeFailure;
  }

  close(): Promise<void> {
    return this.#listener?.close() ?? Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #until(done: () => boolean): Promise<void> {
    while (!done()) await new Promise<void>((resolve) => this.#waiting.add(resolve));
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}

/** A client without code of this project: a bare socket, or a bare WebSocket, with the TCP socket below it. */
export interface RawClient {
  readonly socket: Socket;
  /** The stream of bytes: TCP or TLS; for WebSocket use `webSocket`. */
  readonly stream: Socket;
  readonly webSocket: WebSocket | null;
  /** Sends a string unchanged: as bytes on a stream, as one frame on a WebSocket. */
  send(text: string | Uint8Array): void;
}

/** Opens a client that trusts `ca`. */
export async function openRaw(endpoint: Endpoint, ca?: string): Promise<RawClient> {
  const { scheme, host, port } = endpoint;
  const socket = connectTcp({ host, port, allowHalfOpen: true, noDelay: true });
  socket.on('error', () => {});
  await once(socket, 'connect');
  const secure = scheme === 'tls' || scheme === 'wss';
  const stream = secure ? connectTls({ socket, ...(ca && { ca }), host }) : socket;
  stream.on('error', () => {});
  if (secure) await once(stream, 'secureConnect');
  if (scheme === 'tcp' || scheme === 'tls') {
    return { socket, stream, webSocket: null, send: (text) => void stream.write(text) };
  }
  const webSocket = new WebSocket(formatEndpoint(endpoint), {
    createConnection: () => stream,
    perMessageDeflate: true,
  });
  webSocket.on('error', () => {});
  await once(webSocket, 'open');
  const send = (text: string | Uint8Array) => webSocket.send(text, { binary: false });
  return { socket, stream, webSocket, send };
}

/** Both ends of one connection, recorded; neither is started. */
export interface Link {
  readonly near: Recorded;
  readonly far: Recorded;
}

/** Connects to a listener with our own transport. */
export async function link(listener: TestListener, ca?: string): Promise<Link> {
  const { endpoint } = listener;
  const [near, far] = await Promise.all([
    transportFor(endpoint.scheme).connect(endpoint, {
      maxFrame: 65_536,
      timeout: 5_000,
      ...(ca && { tls: { ca } }),
    }),
    listener.accepted(),
  ]);
  return { near: new Recorded(near), far: new Recorded(far) };
}
