import { isIP } from 'node:net';
import type { Endpoint } from '../net/transports/endpoint.js';
import { formatEndpoint } from '../net/transports/endpoint.js';
import { transportFor } from '../net/transports/index.js';
import type { Listener, ListenOptions, TlsFiles } from '../net/transports/transport.js';
import type { Arrival } from './arrival.js';
import { ListenError } from './errors.js';

/** The listeners of a gate. They are opened, renewed and closed together. */
export class ListenerGroup {
  readonly #listeners: Listener[] = [];

  /** The endpoints, with the ports that the system chose. */
  get endpoints(): readonly Endpoint[] {
    return this.#listeners.map(({ endpoint }) => endpoint);
  }

  /** @throws {ListenError} for an endpoint that cannot be listened on; then the open listeners are closed */
  async open(
    endpoints: readonly Endpoint[],
    optionsFor: (arrival: Arrival) => ListenOptions,
  ): Promise<void> {
    for (const endpoint of endpoints) {
      const arrival: Arrival = { listener: formatEndpoint(endpoint) };
      try {
        const listener = await transportFor(endpoint.scheme).listen(endpoint, optionsFor(arrival));
        // Before the first connection: the port is the one that the system chose.
        arrival.listener = formatEndpoint(listener.endpoint);
        this.#listeners.push(listener);
      } catch (cause) {
        const own = this.endpoints.find((other) => collide(other, endpoint));
        await this.close();
        throw new ListenError(formatEndpoint(endpoint), cause as Error, own && formatEndpoint(own));
      }
    }
  }

  /** @throws when a certificate or a key is invalid; then nothing has changed */
  renewTls(files: TlsFiles): void {
    // All listeners get the same files: if the first listener takes them, the others do.
    for (const listener of this.#listeners) listener.renewTls(files);
  }

  /** Stops accepting. */
  async close(): Promise<void> {
    await Promise.all(this.#listeners.map((listener) => listener.close()));
  }
}

const [anyIpv4, anyIpv6] = ['0.0.0.0', '::'];

/** Whether an endpoint on `::` must not listen on IPv4, because another endpoint has `0.0.0.0` on the same port. */
export function leavesIpv4({ host, port }: Endpoint, all: readonly Endpoint[]): boolean {
  if (host !== anyIpv6 || port === 0) return false;
  return all.some((other) => other.host === anyIpv4 && other.port === port);
}

/** Whether two endpoints use the same address and port. A host name may stand for any address. */
function collide(one: Endpoint, other: Endpoint): boolean {
  if (one.port !== other.port) return false;
  const hosts = [one.host, other.host];
  return (
    one.host === other.host ||
    hosts.some((host) => host === anyIpv4 || host === anyIpv6 || isIP(host) === 0)
  );
}
