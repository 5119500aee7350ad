import { connect, isIP } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ClientOptions, WebSocket } from 'ws';
import type { InspectorSocket, SocketListener } from './socket.js';

/** Milliseconds for the close handshake, which keeps the process alive. */
const closeTimeout = 500;

/**
 * Connects with `ws`, which is loaded for the first connection: the WebSocket of Node keeps its process alive, and Node 20 has none.
 */
export function connectInNode(url: string, listener: SocketListener): InspectorSocket {
  const isSecure = new URL(url).protocol === 'wss:';
  let socket: WebSocket | null = null;
  let isClosed = false;
  const closed = () => {
    if (isClosed) return;
    isClosed = true;
    listener.closed();
  };
  const open = (ws: typeof import('ws')) => {
    if (isClosed) return;
    // The types have no closeTimeout yet.
    const options: ClientOptions & { closeTimeout: number } = {
      perMessageDeflate: false,
      closeTimeout,
      createConnection: createConnection(isSecure),
    };
    socket = new ws.WebSocket(url, options);
    socket.on('error', () => {});
    socket.on('open', () => listener.opened());
    socket.on('close', closed);
  };
  import('ws').then(open).catch(closed);
  return {
    get bufferedAmount() {
      return socket?.bufferedAmount ?? 0;
    },
    send: (text) => socket?.send(text),
    close() {
      if (socket) socket.close();
      else closed();
    },
  };
}

/** A socket that does not keep the process alive. @param isSecure whether TLS is used */
function createConnection(isSecure: boolean): NonNullable<ClientOptions['createConnection']> {
  return (target) => {
    // `path` of the options is that of the address; node:net would take it for the name of a pipe.
    const options = { ...(target as { host: string; port: number }), path: undefined };
    const servername = isIP(options.host) ? '' : options.host;
    const socket = isSecure ? connectTls({ servername, ...options }) : connect(options);
    return socket.unref();
  };
}
