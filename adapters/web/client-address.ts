import { isIP } from 'node:net';
import { peerOf } from '../net/transports/peer.js';
import type { SourceSet } from '../server/limits/index.js';
import type { WebRequest } from './web-request.js';

/** Addresses of clients behind trusted proxies. */
const forwarded = new WeakMap<WebRequest, string>();

/** The address of the client: from a trusted proxy's header, else the peer's. Empty when the peer has disconnected. */
export function clientAddressOf(request: WebRequest): string {
  return forwarded.get(request) ?? peerOf(request.socket).remoteAddress;
}

/**
 * Reads `X-Forwarded-For` of a request from a trusted proxy. Each proxy appends the address of its peer, so the last address that is
 * not a trusted proxy is the client's; earlier ones may be forged. `Forwarded` is ignored: a proxy that sets one of the two headers
 * passes the client's value of the other on.
 */
export function readForwarded(request: WebRequest, proxies: SourceSet): void {
  let client = peerOf(request.socket).remoteAddress;
  if (!proxies.has(client)) return;
  const hops = String(request.headers['x-forwarded-for'] ?? '').split(',');
  for (const hop of hops.reverse()) {
    const address = addressIn(hop.trim());
    if (address === null) break;
    client = address;
    if (!proxies.has(address)) break;
  }
  forwarded.set(request, client);
}

/** The address in `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]` or `[2001:db8::1]:4711`; null for anything else. */
function addressIn(text: string): string | null {
  const [, bracketed, dotted] = /^(?:\[([^\]]*)\]|([\d.]+))(?::\d+)?$/.exec(text) ?? [];
  const address = bracketed ?? dotted ?? text;
  return isIP(address) === 0 ? null : address;
}
