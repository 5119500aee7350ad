/** Access checks that are independent of pages. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { WebRequest } from './web-request.js';

/**
 * Whether an origin belongs to the gate: it is the host of the request, or the public URL.
 * @param publicOrigin the origin of the public URL; null without one.
 */
export function isOwnOrigin(
  origin: string,
  { headers: { host } }: WebRequest,
  publicOrigin: string | null,
): boolean {
  if (!URL.canParse(origin)) return false;
  const { protocol, host: from, origin: normal } = new URL(origin);
  if (normal === publicOrigin) return true;
  return (protocol === 'http:' || protocol === 'https:') && from === host?.toLowerCase();
}

/** Header with the token when the page signs in. A proxy may use `Authorization` for another password. */
export const tokenHeader = 'ixgate-token';

/** Whether a text may be a token: tokens are sent in headers and addresses. `@` begins the name of a file. */
export function isToken(text: string): boolean {
  return /^[\x21-\x7e]{16,512}$/.test(text) && !text.startsWith('@');
}

/** Seconds a browser stays signed in. */
const signedInFor = 7 * 24 * 3_600;

/**
 * Checks the token of requests. A browser that signs in gets a cookie, so that new tabs need no token and URLs do not contain it. The
 * cookie is signed with the token: a new token invalidates all cookies, and the gate keeps no state.
 */
export class TokenGuard {
  readonly #key: Buffer | null;
  readonly #cookie: string;
  readonly #now: () => number;

  /** @param token undefined if not required. @param now wall clock in milliseconds since 1970. */
  constructor(token: string | undefined, now: () => number = Date.now) {
    this.#key = token === undefined ? null : hashOf(token);
    // Browsers send cookies to all ports of a host: each gate has a different name.
    this.#cookie = `ixgate-${this.#sign('name').slice(0, 8)}`;
    this.#now = now;
  }

  /** Whether a request has the token (`Authorization: Bearer` or `?token=`) or a valid cookie, or the gate has no token. */
  admits(request: WebRequest): boolean {
    return this.#key === null || this.carriesToken(request) || this.isSignedIn(request);
  }

  /** Whether a request has the token itself (`Authorization: Bearer` or `?token=`). A browser sends a cookie for every page. */
  carriesToken(request: WebRequest): boolean {
    return this.#isToken(tokenOf(request));
  }

  /** Whether there is a token to check. */
  get hasToken(): boolean {
    return this.#key !== null;
  }

  /**
   * Whether a request has the token in `Authorization: Bearer`. A browser sends cookies by itself, and addresses are in logs, so neither may
   * change the gate.
   */
  hasBearer(request: WebRequest): boolean {
    return this.#isToken(bearerOf(request));
  }

  /** Whether a request has a cookie that is valid and not expired. */
  isSignedIn({ headers }: WebRequest): boolean {
    const cookies = (headers.cookie ?? '').split(';').map((text) => text.trim());
    const prefix = `${this.#cookie}=`;
    const value = cookies.find((text) => text.startsWith(prefix))?.slice(prefix.length);
    const [, expiry = '', signature = ''] = /^(\d{1,12})\.([\w-]{43})$/.exec(value ?? '') ?? [];
    if (expiry === '' || Number(expiry) * 1_000 <= this.#now()) return false;
    return equal(signature, this.#sign(expiry));
  }

  /** @returns the `Set-Cookie` header for a request with the correct `ixgate-token`; else null. */
  signIn(request: WebRequest): string | null {
    const given = request.headers[tokenHeader];
    if (!this.#isToken(typeof given === 'string' ? given : null)) return null;
    const expiry = String(Math.floor(this.#now() / 1_000) + signedInFor);
    return this.#setCookie(request, `${expiry}.${this.#sign(expiry)}`, signedInFor);
  }

  /** The `Set-Cookie` that removes the cookie. */
  signOut(request: WebRequest): string {
    return this.#setCookie(request, '', 0);
  }

  /** Without Path the cookie applies to the folder of the page, which a proxy may have moved. */
  #setCookie({ headers }: WebRequest, value: string, maxAge: number): string {
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

function bearerOf({ headers }: WebRequest): string | null {
  const [, bearer] = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '') ?? [];
  return bearer ?? null;
}

function tokenOf(request: WebRequest): string | null {
  const bearer = bearerOf(request);
  if (bearer !== null) return bearer;
  const { url = '' } = request;
  const query = url.indexOf('?');
  return query < 0 ? null : new URLSearchParams(url.slice(query + 1)).get('token');
}

/** Compares hashes: they have the same length, and the comparison takes constant time. */
function equal(one: string, other: string): boolean {
  return timingSafeEqual(hashOf(one), hashOf(other));
}

function hashOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
