import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';
import type { Endpoint } from '../net/transports/endpoint.js';
import type { ConnectOptions, TlsFiles } from '../net/transports/transport.js';
import type { Overhearing } from './overhearing.js';

/** What a tap of byte streams and one of WebSocket frames are both given. */
export interface PassageOptions {
  readonly listen: Endpoint;
  readonly to: Endpoint;
  /** Of the listener. */
  readonly tls: TlsFiles | undefined;
  /** Of the connections to the server. */
  readonly tlsTo: ConnectOptions['tls'];
  /** Milliseconds until a connection to the server is given up. */
  readonly connectTimeout: number;
  /** Whether one more client may pass; who may not is turned away. */
  admits(): boolean;
  /** A client's connection to the server is set up. */
  opened(client: { readonly address: string; readonly port: number }): Overhearing;
  /** The server could not be reached: the client's connection is closed. */
  unreachable(error: Error): void;
  /** The listener failed, and goes on if it can. */
  failed(error: Error): void;
}

/** A place where clients pass to the server. */
export interface Passage {
  /** Where it listens, with the port that the system gave. */
  readonly endpoint: Endpoint;
  /** Connections that are open. */
  readonly open: number;
  /** Takes no more, and closes what is open once what is in flight has passed, or the time is over. */
  close(): Promise<void>;
}

/** Milliseconds that what is in flight has to pass when a tap ends. */
const lastWords = 1_000;

/** How what passes is ended. */
interface Ending<One> {
  /** Lets one end of a connection send what waits, and closes it. */
  close(one: One): void;
  /** Cuts whatever is still there. */
  cutAll(): void;
}

/**
 * Listens, and makes a passage of it.
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
