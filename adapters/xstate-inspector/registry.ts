import type { WatchedService } from './watched-service.js';

type ServiceListener = (service: WatchedService) => void;

/** The registry of one viewer, which the genuine package finds as `globalThis.__xstate__`. */
export class Registry {
  readonly services = new Set<WatchedService>();
  readonly #listeners = new Set<ServiceListener>();

  register(service: WatchedService): void {
    this.services.add(service);
    for (const listener of this.#listeners) listener(service);
    service.onStop(() => this.unregister(service));
  }

  unregister(service: WatchedService): void {
    this.services.delete(service);
  }

  onRegister(listener: ServiceListener): { unsubscribe(): void } {
    this.#listeners.add(listener);
    for (const service of this.services) listener(service);
    return { unsubscribe: () => void this.#listeners.delete(listener) };
  }
}
