import { IxgateError } from '../../runtime/errors.js';

/** The transports of an endpoint with host and port. */
export const schemes = ['tcp', 'tls', 'ws', 'wss'] as const;
/** `unix` is a unix socket, or a named pipe on Windows. */
export type Scheme = (typeof schemes)[number] | 'unix';

/**
 * The address on which a server listens or to which a client connects, e.g. `tcp://127.0.0.1:7004`, `wss://[::1]:7005/ix` or
 * `unix:///run/ixgate.sock`.
 */
export interface Endpoint {
  readonly scheme: Scheme;
  /** Empty for a unix socket and an inherited socket. */
  readonly host: string;
  /** 0 to 65535; 0 lets the system choose (listening only). */
  readonly port: number;
  /** The path of the upgrade (WebSocket) or of the unix socket; `/` otherwise. */
  readonly path: string;
  /**
   * A listening socket that the process inherits, instead of host and port: a descriptor (`fd://3`), or the name of a socket of systemd
   * (`systemd://name`; empty for the first). Listening only.
   */
  readonly inherited?: number | string;
}

export const endpointForms =
  'tcp://host:port, tls://host:port, ws://host:port, wss://host:port or unix:///path';

/** An invalid endpoint text. */
export class EndpointError extends IxgateError {
  override readonly name = 'EndpointError';
  constructor(
    value: string,
    /** What is wrong with it, as a clause: `it has no port`. */
    readonly problem: string,
  ) {
    super(
      'BAD_ENDPOINT',
      `invalid endpoint ${JSON.stringify(value)}: ${problem}; expected ${endpointForms}`,
    );
  }
}

/**
 * Reads an endpoint.
 * @throws {EndpointError}
 */
export function parseEndpoint(text: string): Endpoint {
  const match = /^([a-z+]+):\/\/(.*)$/i.exec(text);
  const scheme = match?.[1]?.toLowerCase();
  if (!match || !scheme) throw new EndpointError(text, 'it has no scheme');
  if (scheme === 'unix') return unixEndpoint(text, match[2] ?? '');
  if (/(^|\+)(fd|systemd)$/.test(scheme)) return inheritedEndpoint(text, scheme, match[2] ?? '');
  if (!isScheme(scheme)) throw new EndpointError(text, `the scheme is ${scheme}`);
  let url: URL;
  try {
    // URL parses hosts and ports strictly only for schemes that it knows, such as http.
    url = new URL(`http://${match[2]}`);
  } catch {
    throw new EndpointError(text, 'host or port cannot be read');
  }
  const port = /:(\d+)(?:[/?#]|$)/.exec(match[2]?.replace(/^\[[^\]]*\]/, '') ?? '')?.[1];
  if (port === undefined) throw new EndpointError(text, 'it has no port');
  if (url.username || url.password)
    throw new EndpointError(text.replace(/\/\/.*@/, '//***@'), 'it carries a password');
  const socket = scheme === 'tcp' || scheme === 'tls';
  if (socket && (url.pathname !== '/' || url.search))
    throw new EndpointError(text, `${scheme} has no path`);
  return {
    scheme,
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(port),
    path: `${url.pathname}${url.search}`,
  };
}

function unixEndpoint(text: string, path: string): Endpoint {
  if (!path.startsWith('/') || path.endsWith('/') || path.includes('\0')) {
    throw new EndpointError(text, 'its path is not absolute');
  }
  return { scheme: 'unix', host: '', port: 0, path };
}

/** `fd://3`, `tls+fd://3`, `systemd://`, `wss+systemd://name`. */
function inheritedEndpoint(text: string, form: string, which: string): Endpoint {
  const [source = '', scheme = 'tcp'] = form.split('+').reverse();
  if (!isScheme(scheme)) throw new EndpointError(text, `the scheme is ${form}`);
  const isName = source === 'systemd' && /^[\w.-]*$/.test(which);
  // 0 to 2 are the streams of the process.
  const isDescriptor = source === 'fd' && /^([3-9]|[1-9]\d{1,5})$/.test(which);
  if (!isName && !isDescriptor) {
    throw new EndpointError(text, 'the descriptor (3 or more) or the name cannot be read');
  }
  return { scheme, host: '', port: 0, path: '/', inherited: isName ? which : Number(which) };
}

/** An endpoint as text, with its port where it has one. */
export function formatEndpoint({ scheme, host, port, path, inherited }: Endpoint): string {
  if (scheme === 'unix') return `unix://${path}`;
  if (inherited !== undefined) {
    const prefix = scheme === 'tcp' ? '' : `${scheme}+`;
    return `${prefix}${typeof inherited === 'number' ? 'fd' : 'systemd'}://${inherited}`;
  }
  const bracketed = host.includes(':') ? `[${host}]` : host;
  return `${scheme}://${bracketed}:${port}${path === '/' ? '' : path}`;
}

function isScheme(text: string): text is (typeof schemes)[number] {
  return (schemes as readonly string[]).includes(text);
}
