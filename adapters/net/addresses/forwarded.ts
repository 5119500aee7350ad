/** The client's address in the headers of HTTP proxies: `X-Forwarded-For`, and `Forwarded` (RFC 7239). */
import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import { parseAddress } from './source-set.js';

/** An address and a port; the port is 0 where it is not stated. */
export interface ForwardedClient {
  readonly remoteAddress: string;
  readonly remotePort: number;
}

/**
 * The headers of a request state different clients. A proxy that sets one of the two headers passes the client's value of the other on, so
 * one of them may be forged.
 */
export const conflict = Symbol('conflict');
/** The text of a conflict. */
export const conflictProblem =
  'X-Forwarded-For and Forwarded state different clients; the proxy must remove the header that it does not set';

/** Whether a request states the address of another client than its peer. */
export function hasForwarded(headers: IncomingHttpHeaders): boolean {
  return headers['x-forwarded-for'] !== undefined || headers.forwarded !== undefined;
}

/**
 * The client of a request that came from a trusted proxy. Each proxy appends the address of its peer, so the last address that is not a
 * trusted proxy is the client's; earlier ones may be forged.
 * @param peer the proxy; it counts as the client where no header states one
 */
export function forwardedClient(
  headers: IncomingHttpHeaders,
  peer: ForwardedClient,
  proxies: { has(address: string): boolean },
): ForwardedClient | typeof conflict {
  const { 'x-forwarded-for': list, forwarded } = headers;
  const byList = list === undefined ? null : lastForeign(hopsOf(list), peer, proxies);
  const byForwarded =
    forwarded === undefined ? null : lastForeign(elementsOf(forwarded), peer, proxies);
  if (byList && byForwarded && byList.remoteAddress !== byForwarded.remoteAddress) return conflict;
  return byList ?? byForwarded ?? peer;
}

function lastForeign(
  hops: readonly (ForwardedClient | null)[],
  peer: ForwardedClient,
  proxies: { has(address: string): boolean },
): ForwardedClient {
  let client = peer;
  for (const hop of hops.toReversed()) {
    // A hop that is hidden or unknown ends the chain: what precedes it cannot be trusted.
    if (hop === null) break;
    client = hop;
    if (!proxies.has(hop.remoteAddress)) break;
  }
  return client;
}

function hopsOf(header: string | string[]): (ForwardedClient | null)[] {
  return String(header)
    .split(',')
    .map((hop) => clientIn(hop.trim()));
}

/** The `for` of each element of `Forwarded`, e.g. of `for=192.0.2.1;proto=https, for="[2001:db8::1]:4711"`. */
function elementsOf(header: string): (ForwardedClient | null)[] {
  return header.split(',').map((element) => {
    const [, quoted, token] =
      /(?:^|;)\s*for=(?:"([^"\\]*)"|([^\s;"]*))\s*(?:;|$)/i.exec(element) ?? [];
    return clientIn(quoted ?? token ?? '');
  });
}

/** The address in `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]` or `[2001:db8::1]:4711`; null for anything else. */
function clientIn(text: string): ForwardedClient | null {
  const [, bracketed, dotted, port = '0'] =
    /^(?:\[([^\]]*)\]|([\d.]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const address = bracketed ?? dotted ?? text;
  const remotePort = Number(port);
  if (isIP(address) === 0 || remotePort > 65_535) return null;
  return { remoteAddress: unmapped(address), remotePort };
}

/** Mapped IPv4 addresses as IPv4; other addresses as they were written. */
function unmapped(address: string): string {
  if (!address.includes('.') || !address.includes(':')) return address;
  return parseAddress(address)?.toString() ?? address;
}
