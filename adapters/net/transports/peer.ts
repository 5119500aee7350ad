import type { Socket } from 'node:net';
import type { PeerCertificate, TLSSocket } from 'node:tls';

/** The address of a client. */
export interface Peer {
  /** An IPv4 address of an IPv6 listener is written as IPv4. Empty when the peer is already gone. */
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** The address of the trusted proxy that stated `remoteAddress`; undefined without a proxy. */
  readonly proxyAddress?: string;
}

/** @param socket a socket, or the known address of a peer */
export function peerOf(socket: {
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
}): Peer {
  const { remoteAddress = '', remotePort = 0 } = socket;
  const isMapped = remoteAddress.startsWith('::ffff:') && /^::ffff:[\d.]+$/.test(remoteAddress);
  return { remoteAddress: isMapped ? remoteAddress.slice(7) : remoteAddress, remotePort };
}

/** The server name that a client asked for (SNI); undefined without one. */
export function servernameOf(socket: Socket): string | undefined {
  const { servername } = socket as Socket & { readonly servername?: string | false };
  return servername || undefined;
}

/** The peer's verified certificate, or null. */
export function certificateOf(socket: Socket): PeerCertificate | null {
  const { authorized, getPeerCertificate } = socket as Partial<TLSSocket>;
  if (!authorized || !getPeerCertificate) return null;
  const certificate = (socket as TLSSocket).getPeerCertificate();
  // Node gives an empty object for a peer without a certificate.
  return Object.keys(certificate ?? {}).length > 0 ? certificate : null;
}

/** The common names in a certificate's subject. Several are a list, which Node's types do not declare. */
export function commonNamesOf(certificate: PeerCertificate | null): string[] {
  const name: string | string[] | undefined = certificate?.subject?.CN;
  return name === undefined ? [] : [name].flat();
}
