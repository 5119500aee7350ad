import { createServer, connect as openTcp, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, connect as openTls } from 'node:tls';
import { tlsServerOptions } from '../net/transports/listening.js';
import { tlsClientOptions } from '../net/transports/tcp.js';
import { type Passage, type PassageOptions, passageAt } from './passage.js';

/** Forwards bytes, TCP and TLS, between clients and the server. @throws the system's error when it cannot listen. */
export async function openStreamPassage(options: PassageOptions): Promise<Passage> {
  const { listen } = options;
  const open = new Set<Socket>();
  const take = (client: Socket) => {
    client.allowHalfOpen = true;
    if (options.admits()) pass(client, options, open);
    else client.destroy();
  };
  const server: Server =
    listen.scheme === 'tls'
      ? createTlsServer(tlsServerOptions(listen, options.tls), take)
      : createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, take);
  return passageAt(server, options, open, {
    close: (socket) => socket.end(),
    cutAll: () => {
      for (const socket of open) socket.destroy();
    },
  });
}

function pass(client: Socket, options: PassageOptions, open: Set<Socket>): void {
  const server = connected(options);
  for (const socket of [client, server]) {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    // The close event reports the outcome.
    socket.on('error', () => {});
  }
  const failed = (error: Error) => {
    clearTimeout(timer);
    if (!client.destroyed) options.unreachable(error);
    client.destroy();
  };
  const timer = setTimeout(
    () => server.destroy(new Error(`no connection within ${options.connectTimeout} ms`)),
    options.connectTimeout,
  );
  const gaveUp = () => server.destroy();
  server.once('error', failed);
  client.once('close', gaveUp);
  server.once(options.to.scheme === 'tls' ? 'secureConnect' : 'connect', () => {
    clearTimeout(timer);
    server.off('error', failed);
    client.off('close', gaveUp);
    join(client, server, options);
  });
}

function connected({ to, tlsTo }: PassageOptions): Socket {
  const { host, port } = to;
  const socket = { host, port, allowHalfOpen: true, noDelay: true };
  if (to.scheme === 'tcp') return openTcp(socket);
  const tls = { maxFrame: 0, timeout: 0, ...(tlsTo && { tls: tlsTo }) };
  return openTls({ ...socket, ...tlsClientOptions(to, tls) });
}

/** Forwards bytes, ends and resets between two open sockets, with back-pressure. */
function join(client: Socket, server: Socket, options: PassageOptions): void {
  const { remoteAddress = '', remotePort = 0 } = client;
  const heard = options.opened({ address: remoteAddress, port: remotePort });
  let first: 'client' | 'server' | null = null;
  client.pipe(server);
  server.pipe(client);
  client.on('data', (chunk: Buffer) => heard.bytes('client', chunk));
  server.on('data', (chunk: Buffer) => heard.bytes('server', chunk));
  client.once('end', () => {
    first ??= 'client';
  });
  server.once('end', () => {
    first ??= 'server';
    // The server has ended its side: the connection ends, whatever the client still sends.
    heard.ended(first);
  });
  passBreak(client, server, () => heard.ended(first ?? 'client'));
  passBreak(server, client, () => heard.ended(first ?? 'server'));
}

/** When one connection breaks, breaks the other, with a reset after a reset. */
function passBreak(from: Socket, to: Socket, told: () => void): void {
  let isReset = false;
  from.once('error', (error: NodeJS.ErrnoException) => {
    isReset = error.code === 'ECONNRESET';
  });
  from.once('close', (hadError) => {
    told();
    if (to.destroyed) return;
    if (isReset && !('encrypted' in to)) to.resetAndDestroy();
    else if (hadError || !from.readableEnded) to.destroy();
  });
}
