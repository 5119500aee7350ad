/** Who may ask: checks that know no page. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/**
 * Whether a WebSocket is opened by a page of ours, or by no page at all. Browsers let any page open one to anywhere; they say which
 * page it was.
 */
export function isOwnOrigin({ headers }: IncomingMessage): boolean {
  const { origin, host } = headers;
  if (origin === undefined) return true;
  if (host === undefined || !URL.canParse(origin)) return false;
  const { protocol, host: from } = new URL(origin);
  return (protocol === 'http:' || protocol === 'https:') && from === host.toLowerCase();
}

/** Whether a request shows the token, as `Authorization: Bearer` or `?token=`. Without a token all do. */
export function tokenGuard(token: string | undefined): (request: IncomingMessage) => boolean {
  if (token === undefined) return () => true;
  const wanted = hashOf(token);
  return (request) => {
    const given = tokenOf(request);
    // Hashes have one length, and comparing them takes one time: neither tells of the token.
    return given !== null && timingSafeEqual(hashOf(given), wanted);
  };
}

function tokenOf({ headers, url = '' }: IncomingMessage): string | null {
  const [, bearer] = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '') ?? [];
  if (bearer !== undefined) return bearer;
  const query = url.indexOf('?');
  return query < 0 ? null : new URLSearchParams(url.slice(query + 1)).get('token');
}

function hashOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
