/** Every way in which a client comes to a gate, with a bare client for each. */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer as createHttp } from 'node:http';
import { createServer as createHttps } from 'node:https';
import {
  type AddressInfo,
  connect as connectTcp,
  createServer as createTcp,
  type Server,
  type Socket,
} from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duplex, PassThrough } from 'node:stream';
import { connect as connectTls, createServer as createTls } from 'node:tls';
import { WebSocket, WebSocketServer } from 'ws';
import { type SelfSigned, selfSigned } from '../../../adapters/net/transports/self-signed.js';
import { SocketConnection } from '../../../adapters/net/transports/socket-connection.js';
import {
  createServer,
  type GateServer,
  type ServerOptions,
} from '../../../adapters/server/index.js';
import { WireClient } from '../../support/wire-client.js';

/** A gate with one way in. */
export interface Entrance extends AsyncDisposable {
  readonly gate: GateServer;
  /** Opens a client. Rejects, or gives a client that ends, when it is rejected. */
  connect(): Promise<WireClient>;
}

export interface Way {
  readonly name: string;
  readonly scheme: string;
  /** Whether its clients have addresses, so that limits per address hold. */
  readonly hasAddress: boolean;
  open(options: ServerOptions): Promise<Entrance>;
}

let certificate: Promise<SelfSigned> | null = null;
const tlsFiles = () => {
  certificate ??= selfSigned();
  return certificate;
};

type Kind = 'tcp' | 'tls' | 'ws' | 'wss';

/** A client on a connected socket. */
async function clientOn(kind: Kind, socket: Socket | Duplex): Promise<WireClient> {
  socket.on('error', () => {});
  const { ca } = await tlsFiles();
  const isSecure = kind === 'tls' || kind === 'wss';
  const stream = isSecure
    ? connectTls({ socket: socket as Socket, host: 'localhost', ca })
    : socket;
  stream.on('error', () => {});
  if (isSecure) await opened(stream, 'secureConnect');
  if (kind === 'tcp' || kind === 'tls') {
    return new WireClient({
      socket: socket as Socket,
      stream: stream as Socket,
      webSocket: null,
      send: (text) => void stream.write(text),
    });
  }
  const webSocket = new WebSocket('ws://127.0.0.1/ix', {
    createConnection: () => stream as Socket,
  });
  await once(webSocket, 'open');
  webSocket.on('error', () => {});
  const send = (text: string | Uint8Array) => webSocket.send(text, { binary: false });
  return new WireClient({ socket: socket as Socket, stream: stream as Socket, webSocket, send });
}

/** @throws when the stream is closed before */
async function opened(stream: Duplex, event: string): Promise<void> {
  const closed = once(stream, 'close').then(() => Promise.reject(new Error('closed')));
  await Promise.race([once(stream, event), closed]);
}

async function socketTo(where: { port: number } | { path: string }): Promise<Socket> {
  const options = 'port' in where ? { ...where, host: '127.0.0.1' } : where;
  const socket = connectTcp({ ...options, allowHalfOpen: true });
  socket.on('error', () => {});
  await opened(socket, 'connect');
  return socket;
}

async function portOf(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

function listener(kind: Kind): Way {
  return {
    name: `a listener over ${kind}`,
    scheme: kind,
    hasAddress: true,
    async open(options) {
      const { cert, key } = await tlsFiles();
      const listen = [`${kind}://127.0.0.1:0`];
      const gate = await createServer({ listen, tls: { cert, key }, ...options });
      const port = gate.endpoints[0]?.port ?? 0;
      return {
        gate,
        connect: async () => clientOn(kind, await socketTo({ port })),
        [Symbol.asyncDispose]: () => gate.close(),
      };
    },
  };
}

const unixListener: Way = {
  name: 'a listener on a unix socket',
  scheme: 'unix',
  hasAddress: false,
  async open(options) {
    const folder = await mkdtemp(join(tmpdir(), 'ix-'));
    const path = join(folder, 's');
    const gate = await createServer({ listen: [`unix://${path}`], ...options });
    return {
      gate,
      connect: async () => clientOn('tcp', await socketTo({ path })),
      async [Symbol.asyncDispose]() {
        await gate.close();
        await rm(folder, { recursive: true });
      },
    };
  },
};

/** A server of the service that gives its clients to the gate. */
function service(
  name: string,
  kind: Kind,
  make: (gate: GateServer, files: SelfSigned) => Server,
): Way {
  return {
    name,
    scheme: kind,
    hasAddress: true,
    async open(options) {
      const gate = await createServer(options);
      const server = make(gate, await tlsFiles());
      const port = await portOf(server);
      return {
        gate,
        connect: async () => clientOn(kind, await socketTo({ port })),
        async [Symbol.asyncDispose]() {
          await gate.close();
          server.close();
        },
      };
    },
  };
}

const duplexes: Way = {
  name: 'accept of a Duplex',
  scheme: 'stream',
  hasAddress: false,
  async open(options) {
    const gate = await createServer(options);
    return {
      gate,
      async connect() {
        const [there, back] = [new PassThrough(), new PassThrough()];
        const near = Duplex.from({ readable: back, writable: there });
        gate.accept(Duplex.from({ readable: there, writable: back }));
        return clientOn('tcp', near);
      },
      [Symbol.asyncDispose]: () => gate.close(),
    };
  },
};

export const ways: readonly Way[] = [
  ...(['tcp', 'tls', 'ws', 'wss'] as const).map(listener),
  unixListener,
  service('attach to node:http', 'ws', (gate) => {
    const server = createHttp();
    gate.attach(server, { path: '/ix' });
    return server;
  }),
  service('attach to node:https', 'wss', (gate, { cert, key }) => {
    const server = createHttps({ cert, key });
    gate.attach(server, { path: '/ix' });
    return server;
  }),
  service('accept of a net.Socket', 'tcp', (gate) => createTcp((socket) => gate.accept(socket))),
  service('accept of a tls.TLSSocket', 'tls', (gate, { cert, key }) =>
    createTls({ cert, key }, (socket) => gate.accept(socket)),
  ),
  duplexes,
  service('accept of a WebSocket of ws', 'ws', (gate) => {
    const server = createHttp();
    const webSockets = new WebSocketServer({ server });
    webSockets.on('connection', (webSocket, request) => gate.accept(webSocket, { request }));
    return server;
  }),
  service('accept of a Connection', 'tcp', (gate) =>
    createTcp({ allowHalfOpen: true }, (socket) =>
      gate.accept(new SocketConnection(socket, 'tcp')),
    ),
  ),
];
