import { toError } from '../../runtime/errors.js';
import { DirectoryError } from '../errors.js';

/** What the user of the directory may do, as `ACL SETUSER` has it. */
const permissions =
  '~{ixg:* &ixg:* +@connection +@scripting +@hash +@sortedset +get +set +exists +info +time +publish +subscribe +unsubscribe';

/** The first row whose pattern fits the text of an error counts. */
const rows: readonly (readonly [RegExp, DirectoryError['code'], string])[] = [
  [
    /WRONGPASS|invalid password|invalid username-password/i,
    'DIRECTORY_AUTH',
    'rejects the user or the password; check them in the URL',
  ],
  [
    /NOAUTH|Authentication required/i,
    'DIRECTORY_AUTH',
    'requires a password; put it into the URL: redis://USER:PASSWORD@HOST:PORT',
  ],
  [
    /(NOPERM|unknown command).*\beval/i,
    'DIRECTORY_UNSUPPORTED',
    'does not allow Lua scripts; allow EVAL and EVALSHA',
  ],
  [
    /NOPERM|ACL failure|user executing the script can't/i,
    'DIRECTORY_AUTH',
    `denies the user a command, a key or a channel (a Redis Cluster needs +cluster|slots +cluster|info too); allow it ${permissions}`,
  ],
  [
    /DB index/i,
    'DIRECTORY_UNSUPPORTED',
    'does not have the database of the URL; use a lower number, or raise `databases` in redis.conf',
  ],
  [
    /cluster support disabled/i,
    'DIRECTORY_UNSUPPORTED',
    'is not part of a Redis Cluster; use redis:// without +cluster',
  ],
  [
    /Unknown RESP type|Protocol error|wrong version number|packet length too long|ParserError/i,
    'DIRECTORY_UNSUPPORTED',
    'is not a Redis or Valkey server, or uses TLS differently: rediss:// is for TLS, redis:// is without',
  ],
  [
    /unknown command/i,
    'DIRECTORY_UNSUPPORTED',
    'lacks a command that the directory needs; is it renamed in redis.conf?',
  ],
  [
    /WRONGTYPE/,
    'DIRECTORY_UNSUPPORTED',
    'has values of another program under the names of this cluster; use another --cluster name or database',
  ],
  [
    /certificate|self.signed|altname|alert/i,
    'DIRECTORY_UNREACHABLE',
    'has a TLS certificate that is not trusted, or asks for one; give the authority that signed it',
  ],
  [/isn't (writeable|ready)|MaxRetriesPerRequest/i, 'DIRECTORY_UNREACHABLE', 'is not connected'],
  [/READONLY/, 'DIRECTORY_UNREACHABLE', 'has become a read-only replica'],
  [/OOM/, 'DIRECTORY_UNREACHABLE', 'has no memory left; raise `maxmemory`'],
  [
    /timed? ?out/i,
    'DIRECTORY_UNREACHABLE',
    'does not answer in time; with rediss:// it has to use TLS',
  ],
  [
    /No such master|All sentinels are unreachable(?!.*Last error)/,
    'DIRECTORY_UNREACHABLE',
    'does not know a master of this name; it is the part of the URL after the Sentinels',
  ],
  [
    /Failed to refresh slots cache|None of startup nodes/,
    'DIRECTORY_UNREACHABLE',
    'has no node that can be reached',
  ],
  [
    /Connection is closed|ECONNRESET/,
    'DIRECTORY_UNREACHABLE',
    'closes the connection; a server with TLS needs rediss://',
  ],
];

/** Whether an error only says that another one has closed the connection. */
export function isClosedError(error: unknown): boolean {
  return error instanceof Error && error.message === 'Connection is closed.';
}

/** An error of the client as one of the directory. @param address of the store, without a password */
export function directoryErrorOf(address: string, thrown: unknown): DirectoryError {
  if (thrown instanceof DirectoryError) return thrown;
  const cause = toError(thrown);
  // Arguments are long, and names of clients are not for logs.
  const [text = ''] = cause.message.split(', with args beginning');
  const row = rows.find(([known]) => known.test(text));
  const [, code, problem] = row ?? ([null, 'DIRECTORY_UNREACHABLE', 'cannot be reached'] as const);
  return new DirectoryError(code, `the directory ${address} ${problem} (${text})`, { cause });
}
