import type { Duplex } from 'node:stream';
import type { Peer } from './peer.js';
import { linger, StreamConnection } from './stream-connection.js';

/** A Duplex of a service as a connection, e.g. the pipes of a child process. */
export class DuplexConnection extends StreamConnection {
  readonly remotePort: number;
  readonly proxyAddress: string | undefined;
  #unclosed: NodeJS.Timeout | undefined;

  constructor(duplex: Duplex, { remoteAddress, remotePort, proxyAddress }: Peer) {
    super(duplex, 'stream', remoteAddress, null);
    this.remotePort = remotePort;
    this.proxyAddress = proxyAddress;
  }

  /** A Duplex may be implemented so that it never emits 'close'; then the connection counts as closed after a second. */
  override destroy(): void {
    super.destroy();
    this.#unclosed ??= setTimeout(() => this.closed(), linger);
  }

  override closed(): void {
    clearTimeout(this.#unclosed);
    super.closed();
  }
}
