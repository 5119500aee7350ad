import type { Endpoint } from '../transports/endpoint.js';
import type { ConnectOptions, TlsFiles } from '../transports/transport.js';
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
export const lastWords = 1_000;
