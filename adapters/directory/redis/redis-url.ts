import { OptionError } from '../../runtime/errors.js';
import { decodedPart, shownStore } from '../store-url.js';

/** Where a store is. */
export interface RedisAddress {
  readonly kind: 'server' | 'sentinel' | 'cluster';
  readonly isTls: boolean;
  /** One for a server. */
  readonly hosts: readonly RedisHost[];
  readonly username: string | null;
  readonly password: string | null;
  readonly database: number;
  /** The name of the master that Sentinel watches; empty for the other kinds. */
  readonly master: string;
  /** The address for people, without user and password. */
  readonly shown: string;
}

export interface RedisHost {
  readonly host: string;
  readonly port: number;
}

const allowed =
  'redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE], the same with rediss:// (TLS), ' +
  'redis+sentinel://[USER:PASSWORD@]HOST[:PORT],.../MASTER[/DATABASE] or redis+cluster://[USER:PASSWORD@]HOST[:PORT],...';

const pattern =
  /^(?<scheme>rediss?(?:\+(?<kind>sentinel|cluster))?):\/\/(?:(?<user>[^@/]*)@)?(?<hosts>[^@/?#]+)(?<path>\/[^?#]*)?$/;

/**
 * Reads the address of a store.
 * @throws {OptionError} its value has no password
 */
export function parseRedisUrl(url: string): RedisAddress {
  const groups = pattern.exec(url)?.groups;
  const invalid = () => new OptionError('directory', shownStore(url), allowed);
  if (!groups) throw invalid();
  const { scheme = '', hosts = '', path = '' } = groups;
  const kind = (groups.kind ?? 'server') as RedisAddress['kind'];
  const parts = path.split('/').slice(1);
  if (parts.at(-1) === '') parts.pop();
  const master = kind === 'sentinel' ? (decodedPart(parts.shift() ?? '') ?? '') : '';
  const database = kind === 'cluster' ? '0' : (parts.shift() ?? '0');
  const parsed = hosts.split(',').map((host) => hostOf(host, kind === 'sentinel' ? 26_379 : 6_379));
  const known = parsed.filter((host) => host !== null);
  const [username, password] = credentialsOf(groups.user);
  const isValid =
    parts.length === 0 &&
    known.length === parsed.length &&
    (kind !== 'server' || known.length === 1) &&
    (kind !== 'sentinel' || master !== '') &&
    /^\d{1,5}$/.test(database) &&
    username !== undefined &&
    password !== undefined &&
    (username === null || password !== null);
  if (!isValid) throw invalid();
  const list = known.map(({ host, port }) => `${host.includes(':') ? `[${host}]` : host}:${port}`);
  const place = kind === 'cluster' ? [] : kind === 'sentinel' ? [master, database] : [database];
  return {
    ...{ kind, isTls: scheme.startsWith('rediss'), hosts: known, username, password, master },
    database: Number(database),
    shown: `${scheme}://${[list.join(','), ...place].join('/')}`,
  };
}

function hostOf(text: string, defaultPort: number): RedisHost | null {
  const match = /^(?:\[([\da-fA-F:.]+)\]|([\w.-]+))(?::(\d{1,5}))?$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3] ?? defaultPort);
  return host !== undefined && port >= 1 && port <= 65_535 ? { host, port } : null;
}

/** Undefined where the text is invalid. */
function credentialsOf(
  text: string | undefined,
): [string | null | undefined, string | null | undefined] {
  if (text === undefined) return [null, null];
  const [user = '', ...rest] = text.split(':');
  const password = rest.length > 0 ? rest.join(':') : null;
  return [user === '' ? null : decodedPart(user), password === null ? null : decodedPart(password)];
}
