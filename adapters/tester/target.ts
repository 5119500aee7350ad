import {
  type Connection,
  type ConnectOptions,
  type Endpoint,
  formatEndpoint,
  memoryPair,
  parseEndpoint,
  transportFor,
} from '../net/transports/index.js';
import type { Framing } from '../net/wire/index.js';
import { NotReachableError } from './errors.js';

/** A server under test: opens connections to it. */
export interface FigureTarget {
  /** Name in reports: `memory`, or the endpoint. */
  readonly name: string;
  /** @throws {NotReachableError} */
  open(options: Pick<ConnectOptions, 'maxFrame' | 'timeout'>): Promise<Connection>;
}

/**
 * A live server at an endpoint.
 * @throws {EndpointError}
 */
export function endpointTarget(
  endpoint: string | Endpoint,
  tls?: ConnectOptions['tls'],
): FigureTarget {
  const where = typeof endpoint === 'string' ? parseEndpoint(endpoint) : endpoint;
  const name = formatEndpoint(where);
  return {
    name,
    async open(options) {
      try {
        return await transportFor(where.scheme).connect(where, { ...options, ...(tls && { tls }) });
      } catch (cause) {
        throw new NotReachableError(name, cause);
      }
    },
  };
}

/** A server in this process, connected without a socket. */
export function memoryTarget(
  server: { accept(connection: Connection): void },
  framing: Framing = 'stream',
): FigureTarget {
  return {
    name: 'memory',
    async open() {
      const [ours, theirs] = memoryPair(framing);
      server.accept(theirs);
      return ours;
    },
  };
}
