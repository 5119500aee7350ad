/** The client in a browser. */
import { type ClientOptions, resolveOptions } from './browser-options.js';
import { ClientCore } from './client-core.js';
import type { ClientEvents } from './client-events.js';
import { Listeners } from './emitter.js';

type Listener<Name extends keyof ClientEvents> = (...values: ClientEvents[Name]) => void;

/**
 * Creates a client that connects and registers at once.
 *
 * No listener is required: `registered` never becomes an unhandled rejection, and there is no `error` event. An error that a listener throws
 * is reported to the page and does not disturb the client.
 * @throws {OptionError} naming the option, its value and what is allowed; also for an option that a browser does not have
 * @throws {EndpointError} for an invalid endpoint, and one that is not ws or wss
 */
export function createClient(options: ClientOptions): GateClient {
  return new GateClient(options);
}

/** The client of a page. It has `on`, `once`, `off` and `listenerCount` of Node's EventEmitter. */
export class GateClient extends ClientCore {
  readonly #listeners = new Listeners();

  /** See {@link createClient}. */
  constructor(options: ClientOptions) {
    super(resolveOptions(options));
  }

  /** Adds a listener. A listener that is added twice is called twice. */
  on<Name extends keyof ClientEvents>(name: Name, listener: Listener<Name>): this {
    this.#listeners.add(name, listener);
    return this;
  }

  /** Adds a listener that is removed before its first call. */
  once<Name extends keyof ClientEvents>(name: Name, listener: Listener<Name>): this {
    this.#listeners.add(name, listener, true);
    return this;
  }

  /** Removes a listener, where it is there; one that was added twice, once. */
  off<Name extends keyof ClientEvents>(name: Name, listener: Listener<Name>): this {
    this.#listeners.remove(name, listener);
    return this;
  }

  /** Number of listeners of an event. */
  listenerCount(name: keyof ClientEvents): number {
    return this.#listeners.of(name).length;
  }

  protected override isStepRead(): boolean {
    return this.listenerCount('step') > 0;
  }

  protected override notify<Name extends keyof ClientEvents>(
    name: Name,
    values: ClientEvents[Name],
  ): void {
    this.#listeners.call(name, values);
  }
}
