import { constants, X509Certificate } from 'node:crypto';
import { createServer, type Socket } from 'node:net';
import type { Server as TlsServer } from 'node:tls';
import { longestDelay } from '../../../machines/text/clock.js';
import { IxgateError } from '../../runtime/errors.js';
import { unixPeer } from '../addresses/trusted-proxies.js';
import { type Endpoint, formatEndpoint } from './endpoint.js';
import { unlimitedSlot } from './handshakes.js';
import { backlog, startListening } from './listen-address.js';
import { type Peer, peerOf } from './peer.js';
import { type AfterHeader, ProxyHeaders } from './proxy-headers.js';
import { sendRejectionNotice } from './rejection-notice.js';
import type { ConnectionSlot, ListenOptions, Rejection, ServerTls, TlsFiles } from './transport.js';

/** Nagle's algorithm is off, and keep-alive detects a vanished peer after some minutes. */
const socketOptions = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 };

export interface Accepting {
  readonly allowHalfOpen: boolean;
  /** Sets no options on the sockets; the receiver sets them when they matter. @default false */
  readonly isBare?: boolean;
  /** The notice for a rejected client; null closes the connection without one. */
  rejectionNotice(rejection: Rejection): string | Uint8Array | null;
  /** A socket has a slot. @param bytesBefore bytes that were read before. @default 0 */
  accepted(socket: Socket, place: ConnectionSlot, peer: Peer, bytesBefore?: number): void;
  /** A trusted proxy connected. It states its client in an HTTP request, and the connection gets its slot then. @default it gets a slot now */
  acceptedProxy?(socket: Socket, peer: Peer, after?: AfterHeader): void;
}

/** A listening port. */
export interface Port {
  readonly endpoint: Endpoint;
  /** Accepts the connections that wait already, then no more. Resolves when the port is free. */
  close(): Promise<void>;
}

/**
 * Listens on an endpoint. Each socket gets its slot before resources are spent on it.
 * @returns the port, whose endpoint has the port number that the system chose
 * @throws the system's error
 */
export async function listenOn(
  endpoint: Endpoint,
  options: ListenOptions,
  { allowHalfOpen, isBare = false, rejectionNotice, accepted, acceptedProxy }: Accepting,
): Promise<Port> {
  let count = 0;
  let isLocal = endpoint.scheme === 'unix';
  const arrived = (socket: Socket, peer: Peer, after?: AfterHeader) => {
    if (acceptedProxy && options.trusts?.(peer.remoteAddress)) {
      acceptedProxy(socket, peer, after);
      return;
    }
    const place = options.admit?.(peer, after?.acceptedAt) ?? unlimitedSlot(after?.acceptedAt);
    if (!('release' in place)) {
      const text = rejectionNotice(place);
      if (text === null) socket.destroy();
      else sendRejectionNotice(socket, text);
      return;
    }
    accepted(socket, place, peer, after?.bytesBefore);
  };
  const headers = new ProxyHeaders(options, arrived);
  const server = createServer({ ...(!isBare && socketOptions), allowHalfOpen }, (socket) => {
    count += 1;
    // The client reset the connection before it was accepted. Without an address the limits per address could not be checked.
    const peer = isLocal ? unixPeer : peerOf(socket);
    if (peer.remoteAddress === '') socket.destroy();
    else if (options.proxyProtocol === 'required') headers.accept(socket, peer);
    else arrived(socket, peer);
  });
  const bound = await startListening(server, endpoint, options);
  isLocal = bound.scheme === 'unix';
  server.on('error', (error) => options.onError(error));
  return {
    endpoint: bound,
    async close() {
      await drainBacklog(() => count);
      // The server's own 'close' event would wait for the last open connection.
      server.close();
      headers.abandon();
      await turn();
    },
  };
}

/**
 * Resolves when a turn of the event loop brought no connection. When the port is closed, the system resets the connections that wait to be
 * accepted; so these are accepted and get a notice first. The number of turns is limited, because clients may keep connecting.
 */
async function drainBacklog(count: () => number): Promise<void> {
  // The current turn may have polled its sockets already.
  await turn();
  for (let turns = 0; turns < backlog; turns += 1) {
    const before = count();
    await turn();
    if (count() === before) return;
  }
}

/** Resolves after the event loop has polled its sockets. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A secure endpoint has no certificate or no key. */
export class TlsFilesError extends IxgateError {
  override readonly name = 'TlsFilesError';
  constructor(endpoint: Endpoint) {
    super('TLS_FILES_MISSING', `${formatEndpoint(endpoint)} needs a certificate and its key`);
  }
}

/** At least one of the certificates to trust is invalid. */
export class TrustedCertificatesError extends IxgateError {
  override readonly name = 'TrustedCertificatesError';
  constructor(problem: string, options?: ErrorOptions) {
    super('BAD_CERTIFICATES', `the certificates to trust cannot be used: ${problem}`, options);
  }
}

/**
 * Checks the certificates to trust. OpenSSL skips invalid certificates, and would then trust fewer than intended, or none.
 * @throws {TrustedCertificatesError}
 */
export function checkTrusted(ca: string | Buffer): void {
  const text = String(ca);
  const whole = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  const begun = text.split('-----BEGIN CERTIFICATE-----').length - 1;
  if (whole.length === 0 || whole.length < begun) {
    const problem = begun === 0 ? 'there is no PEM certificate in it' : 'one of them is cut off';
    throw new TrustedCertificatesError(problem);
  }
  for (const [index, pem] of whole.entries()) {
    try {
      new X509Certificate(pem);
    } catch (cause) {
      throw new TrustedCertificatesError(`certificate ${index + 1} is invalid`, { cause });
    }
  }
}

/**
 * The options of a TLS server.
 * @throws {TlsFilesError} without a certificate or a key, {TrustedCertificatesError}
 */
export function tlsServerOptions(
  endpoint: Endpoint,
  { cert, key, ca, SNICallback }: ServerTls = {},
) {
  if (!cert || !key) throw new TlsFilesError(endpoint);
  if (ca !== undefined) checkTrusted(ca);
  return {
    cert,
    key,
    minVersion: 'TLSv1.2' as const,
    // A renegotiation costs the server a handshake, as often as the client asks for one. TLS 1.3 has none.
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
    // Node's timer restarts in places; the timer of Handshakes runs from the accept and does not.
    handshakeTimeout: longestDelay,
    ...(ca !== undefined && { ca }),
    ...(SNICallback && { SNICallback }),
    ...verification(ca),
  };
}

/**
 * Changes the files of a TLS server, for handshakes that begin from now on. Node creates new ticket keys for each context. So no client
 * resumes a session from a time when other certificates, or none, were required. Do not set ticket keys: that would undo this.
 * @throws for invalid files; then nothing has changed
 */
export function renewServerTls(server: TlsServer, endpoint: Endpoint, files: TlsFiles): void {
  server.setSecureContext(tlsServerOptions(endpoint, files));
  // These are not part of the context; the server reads them for each connection.
  Object.assign(server, verification(files.ca));
}

/** Whether clients must show a certificate. */
function verification(ca: TlsFiles['ca']) {
  return { requestCert: ca !== undefined, rejectUnauthorized: ca !== undefined };
}
