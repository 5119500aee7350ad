import type { Socket } from 'node:net';
import type { PeerCertificate, TLSSocket } from 'node:tls';

/** Who is at the other end of a socket. */
export interface Peer {
  /** An IPv4 address that came over an IPv6 listener is written as IPv4. Empty when the peer is gone already. */
  readonly remoteAddress: string;
  readonly remotePort: number;
}

export function peerOf({ remoteAddress = '', remotePort = 0 }: Socket): Peer {
  const isMapped = remoteAddress.startsWith('::ffff:') && /^::ffff:[\d.]+$/.test(remoteAddress);
  return { remoteAddress: isMapped ? remoteAddress.slice(7) : remoteAddress, remotePort };
}

/** The peer's certificate when it was verified, else null. */
export function certificateOf(socket: Socket): PeerCertificate | null {
  const { authorized, getPeerCertificate } = socket as Partial<TLSSocket>;
  if (!authorized || !getPeerCertificate) return null;
  const certificate = (socket as TLSSocket).getPeerCertificate();
  // A peer that showed none is an empty object.
  return Object.keys(certificate ?? {}).length > 0 ? certificate : null;
}

/** The common names in a certificate's subject; several come as a list, which Node's types do not say. */
export function commonNamesOf(certificate: PeerCertificate | null): string[] {
  const name: string | string[] | undefined = certificate?.subject?.CN;
  return name === undefined ? [] : [name].flat();
}
