/** Which web pages may open a WebSocket here. Browsers let any page open one to anywhere, and say which page it was. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import { hostOf, isForThisMachine, isLoopback, isWildcard } from '../hosts.js';
import type { Endpoint } from './endpoint.js';

/**
 * An origin as browsers write it, or null for any other text: `https://desk.example`, `http://localhost:5173`, and `null`, which
 * pages from files and sandboxed frames have.
 */
export function originFrom(text: string): string | null {
  if (text === 'null') return text;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url?.host || url.username || url.password || url.search || url.hash) return null;
  return url.pathname === '/' || url.pathname === '' ? `${url.protocol}//${url.host}` : null;
}

/**
 * Whether a request may become a WebSocket. It may when no page asks (no Origin), when the page is of the host that is asked,
 * when page and endpoint are both of this machine, and when the page's origin is in the list.
 * @param allowed origins as `originFrom` gives them, or `*` for all.
 */
export function mayUpgrade(
  { origin: given, host = '' }: IncomingHttpHeaders,
  allowed: readonly string[],
): boolean {
  if (given === undefined || allowed.includes('*')) return true;
  const origin = originFrom(given);
  if (origin === null) return false;
  if (allowed.includes(origin)) return true;
  if (origin === 'null') return false;
  const page = new URL(origin);
  if (page.protocol !== 'http:' && page.protocol !== 'https:') return false;
  return page.host === host.toLowerCase() || (isThisMachine(page.host) && isThisMachine(host));
}

/**
 * Whether the Host header of a request may ask for an endpoint. While the endpoint is on a loopback address, it must name this machine,
 * the endpoint's own host or an allowed one: the page of any name that points here has the origin of that name (DNS rebinding).
 */
export function mayAsk(
  { host }: IncomingHttpHeaders,
  { localAddress = '' }: Socket,
  endpoint: Endpoint,
  allowed: readonly string[],
): boolean {
  if (isWildcard(endpoint.host) || !isLoopback(localAddress)) return true;
  return isForThisMachine(host, [endpoint.host, ...allowed]);
}

/** Whether a `host:port` is a name that every machine has for itself. */
function isThisMachine(text: string): boolean {
  const host = hostOf(text);
  return host !== null && isLoopback(host);
}
