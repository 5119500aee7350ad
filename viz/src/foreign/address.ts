/** The address of a receiver, in the two parts that the package expects. */
export interface ReceiverAddress {
  readonly protocol: 'ws' | 'wss';
  /** Host, port, path and query. */
  readonly server: string;
}

const schemes: Readonly<Record<string, ReceiverAddress['protocol']>> = {
  'ws:': 'ws',
  'http:': 'ws',
  'wss:': 'wss',
  'https:': 'wss',
};

/**
 * Parses an address that a user typed: `ws://localhost:8888`, `wss://host/xstate`, the http forms of these, or `localhost:8888`.
 * @returns null when the address is invalid.
 */
export function receiverAddress(text: string): ReceiverAddress | null {
  const trimmed = text.trim();
  const full = /^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed) ? trimmed : `ws://${trimmed}`;
  if (trimmed === '' || !URL.canParse(full)) return null;
  const { protocol, host, pathname, search, username, password } = new URL(full);
  const scheme = schemes[protocol];
  if (scheme === undefined || host === '' || username !== '' || password !== '') return null;
  return { protocol: scheme, server: `${host}${pathname === '/' ? '' : pathname}${search}` };
}
