import { OptionError } from '../../runtime/errors.js';
import { decodedPart, shownStore } from '../store-url.js';

/** Where NATS servers listen, and how to sign in. */
export interface NatsAddress {
  /** `host:port` of each server of one NATS cluster. */
  readonly servers: readonly { readonly host: string; readonly port: number }[];
  readonly tls: boolean;
  readonly credentials: NatsCredentials;
  /** Servers that keep a copy, 1 to 5; used when the buckets are created. */
  readonly replicas: number;
  /** The address for people, without user, password or token. */
  readonly shown: string;
}

export type NatsCredentials =
  | { readonly user: string; readonly pass: string }
  | { readonly token: string }
  | Record<never, never>;

const allowed =
  'nats://[USER:PASSWORD@]HOST[:PORT], nats://TOKEN@HOST[:PORT] or tls://..., more servers of the same NATS cluster after commas, ?replicas=N at the end for 1 to 5 copies';

const defaultPort = 4222;

/**
 * Reads the address of NATS servers. Servers after the first may repeat the scheme and the credentials.
 * @throws {OptionError} which shows no password and no token
 */
export function parseNatsUrl(url: string): NatsAddress {
  const [, addresses = '', copies = '1'] =
    /^(.*?)(?:\?replicas=([1-5]))?$/s.exec(typeof url === 'string' ? url : '') ?? [];
  const parts = addresses.split(',');
  const scheme = parts[0]?.match(/^(nats|tls):\/\//)?.[1];
  if (scheme === undefined) throw invalid(url);
  const urls = parts.map((part) => (part.includes('://') ? part : `${scheme}://${part}`));
  const read = urls.map((one) => serverOf(one, scheme) ?? fail(url));
  const signedIn = read.map(({ credentials }) => JSON.stringify(credentials));
  const given = signedIn.filter((one) => one !== '{}');
  if (new Set(given).size > 1) throw invalid(url);
  const servers = read.map(({ host, port }) => ({ host, port }));
  return {
    ...{ servers, tls: scheme === 'tls' },
    replicas: Number(copies),
    credentials: read.find((_, at) => signedIn[at] !== '{}')?.credentials ?? {},
    shown: `${scheme}://${servers.map(({ host, port }) => `${host}:${port}`).join(',')}`,
  };
}

function serverOf(text: string, scheme: string) {
  if (!text.startsWith(`${scheme}://`) || !URL.canParse(text)) return null;
  const { hostname, port, username, password, pathname, search, hash } = new URL(text);
  const isPlain = hostname !== '' && ['', '/'].includes(pathname) && search === '' && hash === '';
  if (!isPlain || port === '0' || (username === '' && password !== '')) return null;
  const user = decodedPart(username);
  const pass = decodedPart(password);
  if (user === undefined || pass === undefined) return null;
  const credentials: NatsCredentials =
    user === '' ? {} : pass === '' ? { token: user } : { user, pass };
  return { host: hostname, port: port === '' ? defaultPort : Number(port), credentials };
}

function fail(url: unknown): never {
  throw invalid(url);
}

function invalid(url: unknown): OptionError {
  return new OptionError('directory', shownStore(url), allowed);
}
