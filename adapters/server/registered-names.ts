import type { AdmittedConnection } from './admitted-connection.js';

/** The registered connections of a server, by client name. Most names have one. */
export class RegisteredNames {
  readonly #byName = new Map<string, AdmittedConnection | Set<AdmittedConnection>>();
  #size = 0;

  /** All of them. */
  get size(): number {
    return this.#size;
  }

  count(clientName: string): number {
    const there = this.#byName.get(clientName);
    return there === undefined ? 0 : there instanceof Set ? there.size : 1;
  }

  /** Those of one name, in the order of their registration. */
  of(clientName: string): AdmittedConnection[] {
    const there = this.#byName.get(clientName);
    return there === undefined ? [] : there instanceof Set ? [...there] : [there];
  }

  add(clientName: string, admitted: AdmittedConnection): void {
    this.#size += 1;
    const there = this.#byName.get(clientName);
    if (there instanceof Set) there.add(admitted);
    else this.#byName.set(clientName, there === undefined ? admitted : new Set([there, admitted]));
  }

  remove(clientName: string, admitted: AdmittedConnection): void {
    const there = this.#byName.get(clientName);
    this.#size -= 1;
    if (there instanceof Set && there.size > 1) there.delete(admitted);
    else this.#byName.delete(clientName);
  }
}
