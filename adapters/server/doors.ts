import type { Endpoint } from '../transports/endpoint.js';
import { formatEndpoint } from '../transports/endpoint.js';
import { transportFor } from '../transports/index.js';
import type { Listener, ListenOptions, TlsFiles } from '../transports/transport.js';
import { ListenError } from './errors.js';

/** The listeners of a gate, opened, renewed and closed together. */
export class Doors {
  readonly #listeners: Listener[] = [];

  /** Where they listen, with the ports the system chose. */
  get endpoints(): readonly Endpoint[] {
    return this.#listeners.map(({ endpoint }) => endpoint);
  }

  /** @throws {ListenError} when one cannot be listened on; those already open are closed again. */
  async open(endpoints: readonly Endpoint[], options: ListenOptions): Promise<void> {
    for (const endpoint of endpoints) {
      try {
        this.#listeners.push(await transportFor(endpoint.scheme).listen(endpoint, options));
      } catch (cause) {
        await this.close();
        throw new ListenError(formatEndpoint(endpoint), cause as Error);
      }
    }
  }

  /** @throws when a certificate or a key cannot be used; then nothing has changed. */
  renewTls(files: TlsFiles): void {
    // The same files for all: where the first listener takes them, the others do.
    for (const listener of this.#listeners) listener.renewTls(files);
  }

  /** Stops accepting. */
  async close(): Promise<void> {
    await Promise.all(this.#listeners.map((listener) => listener.close()));
  }
}
