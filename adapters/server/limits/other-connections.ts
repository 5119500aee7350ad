import type { SourceChange } from '../../directory/limits/source-changes.js';
import { Counts } from './counts.js';
import { type PrefixLengths, sourceOf } from './source.js';

/** The connections of the other gates of a cluster, by address and by block of addresses. */
export class OtherConnections {
  readonly #unregistered = new Counts();
  readonly #registered = new Counts();
  #byPrefix = new Counts();
  #prefixLengths: PrefixLengths;

  constructor(prefixLengths: PrefixLengths) {
    this.#prefixLengths = prefixLengths;
  }

  set prefixLengths(prefixLengths: PrefixLengths) {
    this.#prefixLengths = prefixLengths;
    this.#byPrefix = new Counts();
    for (const [address, count] of this.#unregistered) this.#addToPrefix(address, count);
  }

  /** Unregistered connections of an address. */
  unregisteredOf(address: string): number {
    return this.#unregistered.of(address);
  }

  /** Unregistered connections of a block of addresses. */
  unregisteredIn(prefix: string): number {
    return this.#byPrefix.of(prefix);
  }

  registeredOf(address: string): number {
    return this.#registered.of(address);
  }

  add({
    source,
    unregistered,
    registered,
  }: Pick<SourceChange, 'source' | 'unregistered' | 'registered'>): void {
    if (registered !== 0) this.#registered.add(source, registered);
    if (unregistered === 0) return;
    this.#unregistered.add(source, unregistered);
    this.#addToPrefix(source, unregistered);
  }

  #addToPrefix(address: string, count: number): void {
    this.#byPrefix.add(sourceOf(addressIn(address), this.#prefixLengths).prefix, count);
  }
}

/** The first address of a source, which is an address or a block. */
export function addressIn(source: string): string {
  const [address = ''] = source.split('/');
  return address;
}
