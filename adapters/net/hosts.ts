/** Host names: loopback names, and the host that a request is addressed to. */
import { BlockList, isIPv4, isIPv6 } from 'node:net';
import { OptionError } from '../runtime/errors.js';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8);
loopback.addAddress('::1', 'ipv6');

/** Whether a host is a loopback name or address. */
export function isLoopback(host: string): boolean {
  if (host === 'localhost' || host === '::1') return true;
  // The list creates objects with native handles for each check, and every WebSocket upgrade checks an address.
  if (isIPv4(host)) return host.startsWith('127.');
  return isIPv6(host) && loopback.check(host, 'ipv6');
}

/** Whether a host stands for every address of this machine. */
export function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}

/** The last result of `hostOf`: most requests to a server have the same Host header. */
let last: { readonly text: string; readonly host: string | null } = { text: '', host: null };

/** The host of a `host:port`, in lower case and without the brackets of an IPv6 address; null for anything else. */
export function hostOf(text: string): string | null {
  if (text !== last.text) last = { text, host: parsedHost(text) };
  return last.host;
}

function parsedHost(text: string): string | null {
  try {
    return new URL(`http://${text}`).hostname.replace(/^\[|\]$/g, '');
  } catch {
    return null;
  }
}

/** A host name or an address without a port, as `hostOf` gives it; null for anything else. */
export function hostFrom(text: string): string | null {
  if (isIPv6(text)) return hostOf(`[${text}]`);
  return /^([\p{L}\p{M}\p{N}._-]+|\[[\d.:a-f]+\])$/iu.test(text) ? hostOf(text) : null;
}

/** A name of the option `allowedHosts`, as `hostOf` gives it. @throws {OptionError} */
export function allowedHost(text: string): string {
  const host = hostFrom(text);
  if (host !== null) return host;
  throw new OptionError('allowedHosts', text, 'names without a port such as gate.example');
}

/**
 * Whether a request is addressed to this machine by a loopback name. This stops web pages that reach the machine by a foreign name which
 * resolves to it (DNS rebinding).
 * @param header the Host header
 * @param allowed other allowed names
 */
export function isForThisMachine(header: string | undefined, allowed: readonly string[]): boolean {
  const host = header === undefined ? null : hostOf(header);
  return host !== null && (isLoopback(host) || allowed.some((name) => name.toLowerCase() === host));
}
