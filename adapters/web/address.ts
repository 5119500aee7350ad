import { BlockList, isIP } from 'node:net';
import { OptionError } from '../errors.js';

/** Where a web server of ours is to stand. @throws {OptionError} naming the option `admin`. */
export function addressOf(listen: string): { host: string; port: number } {
  const url = URL.canParse(listen) ? new URL(listen) : null;
  const bare = url?.pathname === '/' && !url.search && !url.username && !url.password;
  if (url?.protocol !== 'http:' || !bare) {
    const shown = listen.replace(/\/\/[^/]*@/, '//***@');
    throw new OptionError('admin', shown, 'http://host:port, e.g. http://127.0.0.1:7080');
  }
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || 80) };
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8);
loopback.addAddress('::1', 'ipv6');

/** Whether only this machine can reach a host. */
export function isLoopback(host: string): boolean {
  const family = isIP(host);
  return family === 0 ? host === 'localhost' : loopback.check(host, family === 6 ? 'ipv6' : 'ipv4');
}
