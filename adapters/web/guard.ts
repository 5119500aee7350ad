/** Who may ask: checks that know no page. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/**
 * Whether pages of an origin are the gate's own: those of the host that a request is addressed to, and those of the public URL.
 * @param publicOrigin the origin of the public URL; null where there is none.
 */
export function isOwnOrigin(
  origin: string,
  { headers: { host } }: IncomingMessage,
  publicOrigin: string | null,
): boolean {
  if (!URL.canParse(origin)) return false;
  const { protocol, host: from, origin: normal } = new URL(origin);
  if (normal === publicOrigin) return true;
  return (protocol === 'http:' || protocol === 'https:') && from === host?.toLowerCase();
}

/** Header in which the page shows the token once, to sign in. `Authorization` may be taken: by a proxy with a password of its own. */
export const tokenHeader = 'ixgate-token';

/** Seconds a browser stays signed in. */
const signedInFor = 7 * 24 * 3_600;

/**
 * Checks the token of requests. A browser that has shown it once gets a cookie, so that its new tabs need no token and addresses never
 * contain it. The cookie is signed with the token: another token ends all of them, and nothing is remembered here.
 */
export class TokenGuard {
  readonly #key: Buffer | null;
  readonly #cookie: string;
  readonly #now: () => number;

  /** @param token undefined where none is needed. @param now in milliseconds since 1970. */
  constructor(token: string | undefined, now: () => number = Date.now) {
    this.#key = token === undefined ? null : hashOf(token);
    // Browsers give cookies to all ports of a host: each gate has its own.
    this.#cookie = `ixgate-${this.#sign('name').slice(0, 8)}`;
    this.#now = now;
  }

  /** Whether a request shows the token (`Authorization: Bearer` or `?token=`) or its cookie, or no token is needed. */
  admits(request: IncomingMessage): boolean {
    return this.#key === null || this.#isToken(tokenOf(request)) || this.isSignedIn(request);
  }

  /** Whether a request shows a cookie that has not expired. */
  isSignedIn({ headers }: IncomingMessage): boolean {
    const cookies = (headers.cookie ?? '').split(';').map((text) => text.trim());
    const prefix = `${this.#cookie}=`;
    const value = cookies.find((text) => text.startsWith(prefix))?.slice(prefix.length);
    const [, expiry = '', signature = ''] = /^(\d{1,12})\.([\w-]{43})$/.exec(value ?? '') ?? [];
    if (expiry === '' || Number(expiry) * 1_000 <= this.#now()) return false;
    return equal(signature, this.#sign(expiry));
  }

  /** @returns the `Set-Cookie` for a request whose `ixgate-token` is right; null for any other. */
  signIn(request: IncomingMessage): string | null {
    const given = request.headers[tokenHeader];
    if (!this.#isToken(typeof given === 'string' ? given : null)) return null;
    const expiry = String(Math.floor(this.#now() / 1_000) + signedInFor);
    return this.#setCookie(request, `${expiry}.${this.#sign(expiry)}`, signedInFor);
  }

  /** The `Set-Cookie` that removes the cookie. */
  signOut(request: IncomingMessage): string {
    return this.#setCookie(request, '', 0);
  }

  /** Without Path it holds for the folder of the page, which only the browser knows where a proxy has moved it. */
  #setCookie({ headers }: IncomingMessage, value: string, maxAge: number): string {
    const secure = headers.origin?.startsWith('https:') ? '; Secure' : '';
    return `${this.#cookie}=${value}; Max-Age=${maxAge}; HttpOnly; SameSite=Strict${secure}`;
  }

  #isToken(given: string | null): boolean {
    return given !== null && this.#key !== null && timingSafeEqual(hashOf(given), this.#key);
  }

  #sign(text: string): string {
    return createHmac('sha256', this.#key ?? '')
      .update(text)
      .digest('base64url');
  }
}

function tokenOf({ headers, url = '' }: IncomingMessage): string | null {
  const [, bearer] = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '') ?? [];
  if (bearer !== undefined) return bearer;
  const query = url.indexOf('?');
  return query < 0 ? null : new URLSearchParams(url.slice(query + 1)).get('token');
}

/** Hashes have one length, and comparing them takes one time: neither reveals the text. */
function equal(one: string, other: string): boolean {
  return timingSafeEqual(hashOf(one), hashOf(other));
}

function hashOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
