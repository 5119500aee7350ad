import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';
import type { Endpoint } from '../net/transports/endpoint.js';
import type { ConnectOptions, TlsFiles } from '../net/transports/transport.js';
import type { Overhearing } from './overhearing.js';

/** The options that taps of byte streams and of WebSocket frames share. */
export interface PassageOptions {
  readonly listen: Endpoint;
  readonly to: Endpoint;
  /** TLS options of the listener. */
  readonly tls: TlsFiles | undefined;
  /** TLS options of the connections to the server. */
  readonly tlsTo: ConnectOptions['tls'];
  /** Timeout of a connection to the server, in milliseconds. */
  readonly connectTimeout: number;
  /** Whether one more client is accepted; others are rejected. */
  admits(): boolean;
  /** Called when a client's connection to the server is set up. */
  opened(client: { readonly address: string; readonly port: number }): Overhearing;
  /** Called when the server is unreachable; the client's connection is closed. */
  unreachable(error: Error): void;
  /** Called when the listener failed; it continues if it can. */
  failed(error: Error): void;
}

/** A listener that forwards clients to the server. */
export interface Passage {
  /** The endpoint with the actual port. */
  readonly endpoint: Endpoint;
  /** Number of open connections. */
  readonly open: number;
  /** Stops accepting, flushes the data in flight for a bounded time, and closes all connections. */
  close(): Promise<void>;
}

/** Time to flush the data in flight when a tap closes, in milliseconds. */
const lastWords = 1_000;

/** Ends forwarded connections. */
interface Ending<One> {
  /** Flushes one end of a connection and closes it. */
  close(one: One): void;
  /** Closes all remaining connections at once. */
  cutAll(): void;
}

/**
 * Listens and returns the listener.
 * @param open the ends of all connections, two of each.
 * @throws the system's error when it cannot listen.
 */
export async function passageAt<One>(
  server: Server,
  { listen, failed }: Pick<PassageOptions, 'listen' | 'failed'>,
  open: ReadonlySet<One>,
  ending: Ending<One>,
): Promise<Passage> {
  server.listen({ host: listen.host, port: listen.port });
  await once(server, 'listening');
  server.on('error', failed);
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: { ...listen, port },
    get open() {
      return open.size / 2;
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const one of open) ending.close(one);
      const timer = setTimeout(() => ending.cutAll(), lastWords);
      await closed;
      clearTimeout(timer);
    },
  };
}
