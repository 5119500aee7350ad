import { SourceSet } from './source-set.js';

/** The address of the peers of a unix socket or a pipe, which have none. */
export const localPeer = 'unix';
/** A peer of a unix socket or a pipe. */
export const unixPeer = { remoteAddress: localPeer, remotePort: 0 } as const;

/** The proxies whose statements about their clients are believed: addresses, blocks, and `unix` for the peers of unix sockets. */
export class TrustedProxies {
  readonly #sources: SourceSet;
  readonly #hasLocal: boolean;
  readonly isEmpty: boolean;

  /** @throws {Error} for a text that is neither an address, nor a block, nor `unix` */
  constructor(texts: readonly string[]) {
    this.#sources = new SourceSet(texts.filter((text) => text !== localPeer));
    this.#hasLocal = texts.includes(localPeer);
    this.isEmpty = texts.length === 0;
  }

  has(address: string): boolean {
    return this.#hasLocal && address === localPeer ? true : this.#sources.has(address);
  }
}
