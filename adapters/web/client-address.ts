import { conflict, forwardedClient } from '../net/addresses/forwarded.js';
import type { SourceSet } from '../net/addresses/source-set.js';
import { peerOf } from '../net/transports/peer.js';
import type { WebRequest } from './web-request.js';

/** Addresses of clients behind trusted proxies. */
const forwarded = new WeakMap<WebRequest, string>();

/** The address of the client: from a trusted proxy's header, else the peer's. Empty when the peer has disconnected. */
export function clientAddressOf(request: WebRequest): string {
  return forwarded.get(request) ?? peerOf(request.socket).remoteAddress;
}

/**
 * Reads `X-Forwarded-For` and `Forwarded` of a request from a trusted proxy.
 * @returns whether the client is certain; not when the two headers contradict each other
 */
export function readForwarded(request: WebRequest, proxies: SourceSet): boolean {
  const peer = peerOf(request.socket);
  if (!proxies.has(peer.remoteAddress)) return true;
  const client = forwardedClient(request.headers, peer, proxies);
  if (client === conflict) return false;
  forwarded.set(request, client.remoteAddress);
  return true;
}
