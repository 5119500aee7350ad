/** A connection that carries the bytes of any protocol, over each transport. */
import { once } from 'node:events';
import { WebSocket } from 'ws';
import {
  type ConnectOptions,
  type Endpoint,
  formatEndpoint,
  parseEndpoint,
} from '../../net/transports/index.js';
import { NotReachableError } from '../errors.js';
import { endpointTarget } from '../target.js';

export interface ByteConnection {
  write(bytes: Uint8Array): void;
  destroy(): void;
}

export interface ByteHandlers {
  data(bytes: Uint8Array): void;
  /** An invalid frame came. */
  fault?(): void;
  /** The server has ended the connection. */
  end(): void;
}

export interface OpenOptions {
  /** Timeout of the connect, in milliseconds. */
  readonly timeout: number;
  readonly tls: ConnectOptions['tls'];
  /** The subprotocol that a WebSocket offers. */
  readonly subprotocol: string | undefined;
  /** What WebSocket frames carry. Text frames have no subprotocol. @default binary */
  readonly frames?: 'text' | 'binary' | undefined;
}

/** How the transport of an endpoint delivers bytes. @throws {EndpointError} */
export function framingOf(endpoint: string): 'stream' | 'frame' {
  return isWebSocket(parseEndpoint(endpoint)) ? 'frame' : 'stream';
}

function isWebSocket({ scheme }: Endpoint): boolean {
  return scheme === 'ws' || scheme === 'wss';
}

/** Nothing that a server sends before it is read is longer. */
const maxFrame = 1_048_576;

/**
 * Connects to an endpoint.
 * @throws {EndpointError}; {NotReachableError} when there is no connection.
 */
export async function openConnection(
  endpoint: string,
  { timeout, tls, subprotocol, frames = 'binary' }: OpenOptions,
  handlers: ByteHandlers,
): Promise<ByteConnection> {
  const isFramed = isWebSocket(parseEndpoint(endpoint));
  if (isFramed && frames === 'binary') {
    return await openWebSocket(endpoint, { timeout, tls, subprotocol }, handlers);
  }
  const connection = await endpointTarget(endpoint, tls).open({ timeout, maxFrame });
  connection.start({
    data: (chunk, kind) => {
      if (isFramed && kind === 'binary') handlers.fault?.();
      else handlers.data(chunk);
    },
    end: () => handlers.end(),
    closed: () => handlers.end(),
    drain: () => {},
    fault: () => handlers.fault?.(),
  });
  return {
    write: (bytes) => void connection.write(bytes),
    destroy: () => connection.destroy(),
  };
}

/** The transports of a gate carry text frames without a subprotocol, so binary frames use another WebSocket. */
async function openWebSocket(
  endpoint: string,
  { timeout, tls, subprotocol }: OpenOptions,
  handlers: ByteHandlers,
): Promise<ByteConnection> {
  const { insecure = false, ...files } = tls ?? {};
  const socket = new WebSocket(
    formatEndpoint(parseEndpoint(endpoint)),
    subprotocol ? [subprotocol] : [],
    {
      ...files,
      rejectUnauthorized: !insecure,
      handshakeTimeout: timeout,
      maxPayload: maxFrame,
      perMessageDeflate: false,
    },
  );
  socket.on('message', (data) => handlers.data(data as Buffer));
  try {
    await once(socket, 'open');
  } catch (cause) {
    throw new NotReachableError(endpoint, cause);
  }
  socket.on('close', () => handlers.end());
  // A connection that breaks ends, too.
  socket.on('error', () => {});
  return {
    write: (bytes) => socket.send(bytes),
    destroy: () => socket.terminate(),
  };
}
