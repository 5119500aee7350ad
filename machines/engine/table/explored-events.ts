/** The events that an explorer sends for the event types of a chart, without data. */
import type { EventObject } from 'xstate';

/** Records which data is read of events that have none. */
export class ExploredEvents {
  readonly #missing = new Set<string>();
  readonly #absent = new Proxy(Object.prototype, {
    get: (target, key, receiver) => {
      const isData = typeof key === 'string' && key !== 'toJSON' && !(key in target);
      if (isData) this.#missing.add(key);
      return Reflect.get(target, key, receiver);
    },
  });

  /** An event without data. */
  without(event: EventObject): EventObject {
    return Object.assign(Object.create(this.#absent), event);
  }

  /** The keys that were read since the last call although the event does not have them. */
  taken(): string[] {
    const missing = [...this.#missing];
    this.#missing.clear();
    return missing;
  }
}
