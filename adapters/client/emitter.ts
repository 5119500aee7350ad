/** The methods of Node's EventEmitter that pages use. */
import type { ClientEvents } from './client-events.js';

type Listener<Name extends keyof ClientEvents> = (...values: ClientEvents[Name]) => void;
type Entry = { readonly listener: unknown; readonly isOnce: boolean };

export class Listeners {
  readonly #entries = new Map<keyof ClientEvents, readonly Entry[]>();

  of(name: keyof ClientEvents): readonly Entry[] {
    return this.#entries.get(name) ?? [];
  }

  add<Name extends keyof ClientEvents>(name: Name, listener: Listener<Name>, isOnce = false): void {
    this.#entries.set(name, [...this.of(name), { listener, isOnce }]);
  }

  /** Removes one registration of the listener: the last one. */
  remove<Name extends keyof ClientEvents>(name: Name, listener: Listener<Name>): void {
    const entries = [...this.of(name)];
    const index = entries.findLastIndex((entry) => entry.listener === listener);
    if (index >= 0) entries.splice(index, 1);
    this.#entries.set(name, entries);
  }

  call<Name extends keyof ClientEvents>(name: Name, values: ClientEvents[Name]): void {
    for (const { listener, isOnce } of this.of(name)) {
      if (isOnce) this.remove(name, listener as Listener<Name>);
      (listener as Listener<Name>)(...values);
    }
  }
}
