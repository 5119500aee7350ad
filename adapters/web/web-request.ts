import type { IncomingHttpHeaders } from 'node:http';

/** The part of a request that answers depend on: a request of node:http, or one made from a Fetch `Request`. */
export interface WebRequest {
  readonly method?: string | undefined;
  /** Path and query. */
  readonly url?: string | undefined;
  readonly headers: IncomingHttpHeaders;
  /** The body of a Fetch request; a request of node:http is a stream itself. */
  readonly body?: AsyncIterable<Uint8Array> | undefined;
  /** The peer; without an address if unknown. */
  readonly socket: {
    readonly remoteAddress?: string | undefined;
    readonly remotePort?: number | undefined;
  };
}
