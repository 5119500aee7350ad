import { IxgateError } from '../../runtime/errors.js';

/** The transports an endpoint can name. */
export const schemes = ['tcp', 'tls', 'ws', 'wss'] as const;
export type Scheme = (typeof schemes)[number];

/** The address on which a server listens or to which a client connects, e.g. `tcp://127.0.0.1:7004` or `wss://[::1]:7005/ix`. */
export interface Endpoint {
  readonly scheme: Scheme;
  readonly host: string;
  /** 0 to 65535; 0 lets the system choose (listening only). */
  readonly port: number;
  /** WebSocket only; `/` otherwise. */
  readonly path: string;
}

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
      `invalid endpoint ${JSON.stringify(value)}: ${problem}; expected tcp://host:port, tls://host:port, ws://host:port or wss://host:port`,
    );
  }
}

/**
 * Reads an endpoint.
 * @throws {EndpointError}
 */
export function parseEndpoint(text: string): Endpoint {
  const match = /^([a-z]+):\/\/(.*)$/i.exec(text);
  const scheme = match?.[1]?.toLowerCase();
  if (!match || !scheme) throw new EndpointError(text, 'it has no scheme');
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

/** An endpoint as text, always with its port. */
export function formatEndpoint({ scheme, host, port, path }: Endpoint): string {
  const bracketed = host.includes(':') ? `[${host}]` : host;
  return `${scheme}://${bracketed}:${port}${path === '/' ? '' : path}`;
}

function isScheme(text: string): text is Scheme {
  return (schemes as readonly string[]).includes(text);
}
