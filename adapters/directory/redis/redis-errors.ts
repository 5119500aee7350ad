import { toError } from '../../runtime/errors.js';
import { DirectoryError } from '../errors.js';

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
    /NOPERM|ACL failure|this user has no permissions/i,
    'DIRECTORY_AUTH',
    'denies the user a command, a key or a channel; allow it EVAL, EVALSHA, INFO, TIME, PUBLISH and SUBSCRIBE, the keys {ixg:* and the channels ixg:*',
  ],
  [
    /ERR (invalid )?DB index|DB index is out of range/i,
    'DIRECTORY_UNSUPPORTED',
    'does not have the database of the URL',
  ],
  [
    /cluster support disabled/i,
    'DIRECTORY_UNSUPPORTED',
    'is not part of a Redis Cluster; use redis:// without +cluster',
  ],
  [
    /unknown command/i,
    'DIRECTORY_UNSUPPORTED',
    'lacks a command that the directory needs: EVAL and EVALSHA (Lua scripts), INFO, TIME, PUBLISH and SUBSCRIBE',
  ],
  [
    /Protocol error|wrong version number|packet length too long|unknown command .?(get|post)|ParserError/i,
    'DIRECTORY_UNSUPPORTED',
    'is not a Redis or Valkey server, or uses TLS differently: rediss:// is for TLS, redis:// is without',
  ],
  [
    /certificate|self.signed|altname|alert/i,
    'DIRECTORY_UNREACHABLE',
    'has a TLS certificate that is not trusted, or asks for one; give the certificate authority of the server',
  ],
  [
    /WRONGTYPE/,
    'DIRECTORY_UNSUPPORTED',
    'has values of another program under the names of this cluster; use another --cluster name or database',
  ],
  [/READONLY/, 'DIRECTORY_UNREACHABLE', 'is a read-only replica now'],
  [/timed? ?out/i, 'DIRECTORY_UNREACHABLE', 'does not answer in time'],
];

/** An error of the client as one of the directory. @param address of the store, without a password */
export function directoryErrorOf(address: string, thrown: unknown): DirectoryError {
  if (thrown instanceof DirectoryError) return thrown;
  const cause = toError(thrown);
  const text = `${cause.name} ${cause.message}`;
  const row = rows.find(([known]) => known.test(text));
  const [, code, problem] = row ?? ([null, 'DIRECTORY_UNREACHABLE', 'cannot be reached'] as const);
  return new DirectoryError(code, `the directory ${address} ${problem} (${cause.message})`, {
    cause,
  });
}
