import { OptionError } from '../runtime/errors.js';

/** Parses the address of a web server. @throws {OptionError} for the option `admin`. */
export function addressOf(listen: string): { host: string; port: number } {
  const url = URL.canParse(listen) ? new URL(listen) : null;
  const bare = url?.pathname === '/' && !url.search && !url.username && !url.password;
  if (url?.protocol !== 'http:' || !bare) {
    throw new OptionError(
      'admin',
      withoutUser(listen),
      'http://host:port, e.g. http://127.0.0.1:7080',
    );
  }
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || 80) };
}

/** An address for error messages, without user and password. */
export function withoutUser(address: string): string {
  return address.replace(/\/\/[^/]*@/, '//***@');
}
