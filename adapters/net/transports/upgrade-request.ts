import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

/** The HTTP request that opened a WebSocket. It may contain secrets: it is never recorded or logged. */
export interface UpgradeRequest {
  /** Path and query, as sent. */
  readonly url: string;
  /** Names are in lower case. */
  readonly headers: IncomingHttpHeaders;
  /** Cookies by name, decoded; the first one of a name counts. */
  readonly cookies: Readonly<Record<string, string>>;
}

/** The request of an upgrade; its cookies are parsed when they are read. */
export function upgradeRequestOf({ url = '/', headers }: IncomingMessage): UpgradeRequest {
  return new ParsedRequest(url, headers);
}

class ParsedRequest implements UpgradeRequest {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  #cookies: Readonly<Record<string, string>> | null = null;

  constructor(url: string, headers: IncomingHttpHeaders) {
    this.url = url;
    this.headers = headers;
  }

  get cookies(): Readonly<Record<string, string>> {
    this.#cookies ??= cookiesIn(this.headers.cookie ?? '');
    return this.#cookies;
  }
}

/** The cookies in a Cookie header (RFC 6265). */
function cookiesIn(header: string): Record<string, string> {
  // Without a prototype, so that a cookie may have any name.
  const cookies: Record<string, string> = Object.create(null);
  for (const pair of header.split(';')) {
    const at = pair.indexOf('=');
    const name = pair.slice(0, at).trim();
    if (at > 0 && name !== '' && !(name in cookies))
      cookies[name] = decoded(pair.slice(at + 1).trim());
  }
  return cookies;
}

function decoded(text: string): string {
  const value = /^".*"$/.test(text) ? text.slice(1, -1) : text;
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
