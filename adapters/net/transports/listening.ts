import { constants, X509Certificate } from 'node:crypto';
import { createServer, type Socket } from 'node:net';
import type { Server as TlsServer } from 'node:tls';
import { longestDelay } from '../../../machines/index.js';
import { IxgateError } from '../../runtime/errors.js';
import { type Endpoint, formatEndpoint } from './endpoint.js';
import { type Peer, peerOf } from './peer.js';
import { sendRejectionNotice } from './rejection-notice.js';
import type { ConnectionSlot, ListenOptions, Rejection, TlsFiles } from './transport.js';

/** Connections the system holds until they are accepted; fewer, and a burst of clients waits a second for its retry. */
const backlog = 1_024;

/** Nothing waits for what was sent before it, and a peer that vanished without a word is noticed after some minutes, not never. */
const socketOptions = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 };

export interface Accepting {
  readonly allowHalfOpen: boolean;
  /** Sets no option on the sockets: the receiver does it when it matters. @default false */
  readonly isBare?: boolean;
  /** What a client is told that gets no place; null ends it without a word. */
  rejectionNotice(rejection: Rejection): string | Uint8Array | null;
  /** A socket has got its place. */
  accepted(socket: Socket, place: ConnectionSlot, peer: Peer): void;
}

/** A listening port. */
export interface Port {
  readonly endpoint: Endpoint;
  /** Accepts those that wait already, then no more. Resolves when the port is free. */
  close(): Promise<void>;
}

/**
 * Listens on an endpoint, and gives each socket its place before anything is spent on it.
 * @returns the port, its endpoint with the port number the system gave.
 * @throws the system's error.
 */
export function listenOn(
  endpoint: Endpoint,
  options: ListenOptions,
  { allowHalfOpen, isBare = false, rejectionNotice, accepted }: Accepting,
): Promise<Port> {
  let count = 0;
  const server = createServer({ ...(!isBare && socketOptions), allowHalfOpen }, (socket) => {
    count += 1;
    // Reset while it waited to be accepted: without an address no limit of an address could be checked, and there is no client to serve.
    const peer = peerOf(socket);
    if (peer.remoteAddress === '') {
      socket.destroy();
      return;
    }
    const place = options.admit?.(peer) ?? anywhere();
    if (!('release' in place)) {
      const text = rejectionNotice(place);
      if (text === null) socket.destroy();
      else sendRejectionNotice(socket, text);
      return;
    }
    accepted(socket, place, peer);
  });
  return new Promise((resolve, reject) => {
    let listening = false;
    server.on('error', (error) => (listening ? options.onError(error) : reject(error)));
    const { host, port } = endpoint;
    const ipv6Only = options.ipv6Only?.(endpoint) ?? false;
    server.listen({ host, port, backlog, ipv6Only }, () => {
      listening = true;
      const address = server.address();
      const port = typeof address === 'object' && address ? address.port : endpoint.port;
      resolve({
        endpoint: { ...endpoint, port },
        async close() {
          await nobodyWaits(() => count);
          // The server's own 'close' event would wait for the last open connection.
          server.close();
          await turn();
        },
      });
    });
  });
}

/**
 * Resolves when a turn of the event loop brought no connection. The system resets those that wait to be accepted when the port is
 * closed: this way they are told. While they keep coming it must end all the same.
 */
async function nobodyWaits(count: () => number): Promise<void> {
  // The turn that is under way may have looked at its sockets already.
  await turn();
  for (let turns = 0; turns < backlog; turns += 1) {
    const before = count();
    await turn();
    if (count() === before) return;
  }
}

/** Resolves after the event loop has looked at its sockets. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A place where none are counted. */
function anywhere(): ConnectionSlot {
  return { acceptedAt: performance.now(), release: () => {} };
}

/** A secure endpoint was to be listened on without a certificate or its key. */
export class TlsFilesError extends IxgateError {
  override readonly name = 'TlsFilesError';
  constructor(endpoint: Endpoint) {
    super('TLS_FILES_MISSING', `${formatEndpoint(endpoint)} needs a certificate and its key`);
  }
}

/** The certificates to trust are invalid, or some of them are. */
export class TrustedCertificatesError extends IxgateError {
  override readonly name = 'TrustedCertificatesError';
  constructor(problem: string, options?: ErrorOptions) {
    super('BAD_CERTIFICATES', `the certificates to trust cannot be used: ${problem}`, options);
  }
}

/**
 * OpenSSL passes over what it cannot read, and would then trust fewer than intended, or none.
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
      throw new TrustedCertificatesError(`certificate ${index + 1} is none`, { cause });
    }
  }
}

/**
 * The options of a TLS server.
 * @throws {TlsFilesError} without a certificate or a key, {TrustedCertificatesError}
 */
export function tlsServerOptions(endpoint: Endpoint, { cert, key, ca }: TlsFiles = {}) {
  if (!cert || !key) throw new TlsFilesError(endpoint);
  if (ca !== undefined) checkTrusted(ca);
  return {
    cert,
    key,
    minVersion: 'TLSv1.2' as const,
    // A renegotiation costs the server a handshake, as often as the client asks for one. TLS 1.3 has none.
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
    // Node's own timer starts over in places; ours (see Handshakes) runs from the accept and does not.
    handshakeTimeout: longestDelay,
    ...(ca !== undefined && { ca }),
    ...verification(ca),
  };
}

/**
 * Gives a TLS server other files, for handshakes that begin from now on. Node makes each context ticket keys of its own, and so nobody
 * takes up a session again that was begun when other certificates, or none, were asked for. Given keys would undo that.
 * @throws when they cannot be used; then nothing has changed.
 */
export function renewServerTls(server: TlsServer, endpoint: Endpoint, files: TlsFiles): void {
  server.setSecureContext(tlsServerOptions(endpoint, files));
  // The context does not hold these; the server asks itself for each connection.
  Object.assign(server, verification(files.ca));
}

/** Whether clients must show a certificate. */
function verification(ca: TlsFiles['ca']) {
  return { requestCert: ca !== undefined, rejectUnauthorized: ca !== undefined };
}
