import { isIP } from 'node:net';
import type { Endpoint } from '../net/transports/endpoint.js';
import { formatEndpoint } from '../net/transports/endpoint.js';
import { transportFor } from '../net/transports/index.js';
import type { Listener, ListenOptions, TlsFiles } from '../net/transports/transport.js';
import type { Arrival } from './arrival.js';
import { ListenError } from './errors.js';

/** Makes the options of a listener. */
export type OptionsFor = (arrival: Arrival) => ListenOptions;

/** The listeners of a gate. They are opened, renewed and closed together. */
export class ListenerGroup {
  readonly #listeners = new Set<Listener>();
  #isClosed = false;

  /** The endpoints, with the ports that the system chose. */
  get endpoints(): readonly Endpoint[] {
    return [...this.#listeners].map(({ endpoint }) => endpoint);
  }

  /** @throws {ListenError} for an endpoint that cannot be listened on; then the open listeners are closed */
  async open(endpoints: readonly Endpoint[], optionsFor: OptionsFor): Promise<void> {
    try {
      for (const endpoint of endpoints) await this.add(endpoint, optionsFor);
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /**
   * Opens one more listener.
   * @param name the name of the listener for validators. @default its endpoint
   * @throws {ListenError} when it cannot listen, or when the group is closed
   */
  async add(endpoint: Endpoint, optionsFor: OptionsFor, name?: string): Promise<Listener> {
    const arrival: Arrival = { listener: name ?? formatEndpoint(endpoint) };
    try {
      if (this.#isClosed) throw new Error('the server is closed');
      const listener = await transportFor(endpoint.scheme).listen(endpoint, optionsFor(arrival));
      // Before the first connection: the port is the one that the system chose.
      arrival.listener = name ?? formatEndpoint(listener.endpoint);
      this.#listeners.add(listener);
      if (!this.#isClosed) return listener;
      await this.remove(listener);
      throw new Error('the server was closed meanwhile');
    } catch (cause) {
      const own = this.endpoints.find((other) => collide(other, endpoint));
      throw new ListenError(formatEndpoint(endpoint), cause as Error, own && formatEndpoint(own));
    }
  }

  /** Closes one listener. */
  async remove(listener: Listener): Promise<void> {
    if (this.#listeners.delete(listener)) await listener.close();
  }

  /** @throws when a certificate or a key is invalid; then nothing has changed */
  renewTls(files: TlsFiles): void {
    // All listeners get the same files: if the first listener takes them, the others do.
    for (const listener of this.#listeners) listener.renewTls(files);
  }

  /** Stops accepting. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#listeners].map((listener) => listener.close()));
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
  if (one.scheme === 'unix' || other.scheme === 'unix') {
    return one.scheme === other.scheme && one.path === other.path;
  }
  if (one.port !== other.port) return false;
  const hosts = [one.host, other.host];
  return (
    one.host === other.host ||
    hosts.some((host) => host === anyIpv4 || host === anyIpv6 || isIP(host) === 0)
  );
}
