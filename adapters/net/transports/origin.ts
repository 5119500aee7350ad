/** The check of the web pages that open a WebSocket. Browsers let any page open one to any server, and send the page's origin. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import { hostOf, isForThisMachine, isLoopback, isWildcard } from '../hosts.js';

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
 * Whether a request may become a WebSocket. It may without an Origin (no page asks), when page and endpoint have the same host, when both are
 * on this machine, and when the origin is allowed.
 * @param allowed origins as `originFrom` returns them, or `*` for all
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
 * Whether the Host header of a request is valid for a server on `serverHost`. On a loopback address it must name this machine, `serverHost` or an
 * allowed host. Otherwise a page of a foreign name that resolves to this machine would have the same host and origin
 * (DNS rebinding).
 */
export function mayAsk(
  { host }: IncomingHttpHeaders,
  { localAddress = '' }: Socket,
  serverHost: string,
  allowed: readonly string[],
): boolean {
  if (isWildcard(serverHost) || !isLoopback(localAddress)) return true;
  return isForThisMachine(host, [serverHost, ...allowed]);
}

/** Whether a `host:port` has a loopback host. */
function isThisMachine(text: string): boolean {
  const host = hostOf(text);
  return host !== null && isLoopback(host);
}
