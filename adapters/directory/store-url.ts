/** The URLs of stores, for people. */
export const storesAllowed =
  'memory, redis://HOST:PORT[/DB], rediss://HOST:PORT[/DB], redis+sentinel://HOST:PORT,.../MASTER, redis+cluster://HOST:PORT,..., nats://HOST:PORT';

/** The store of a URL, by its scheme; null for a URL that is not one of a store. */
export function storeOf(url: string): 'memory' | 'redis' | 'nats' | null {
  if (url === 'memory') return 'memory';
  if (/^rediss?(\+sentinel|\+cluster)?:\/\/[^/]/.test(url)) return 'redis';
  return /^(nats|tls):\/\/[^/]/.test(url) ? 'nats' : null;
}

/** A URL as it may be shown: anything before the last `@` may be a password. */
export function shownStore(url: unknown): unknown {
  return typeof url === 'string' ? url.replace(/^([^/]*:\/\/)?.*@/s, '$1***@') : typeof url;
}

/** A part of a URL without its percent encoding; undefined where it is invalid. */
export function decodedPart(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
