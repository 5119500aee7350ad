import { constants } from 'node:crypto';
import type { Server } from 'node:net';
import { IxgateError } from '../errors.js';
import { type Endpoint, formatEndpoint } from './endpoint.js';
import type { ListenOptions, TlsFiles } from './transport.js';

/** Connections the system holds until they are accepted; fewer, and a burst of clients waits a second for its retry. */
const backlog = 1_024;

/**
 * Listens on an endpoint.
 * @returns the endpoint with its real port.
 * @throws the system's error.
 */
export function listenOn(
  server: Server,
  endpoint: Endpoint,
  { onError }: ListenOptions,
): Promise<Endpoint> {
  return new Promise((resolve, reject) => {
    let listening = false;
    server.on('error', (error) => (listening ? onError(error) : reject(error)));
    server.listen({ host: endpoint.host, port: endpoint.port, backlog }, () => {
      listening = true;
      const address = server.address();
      const port = typeof address === 'object' && address ? address.port : endpoint.port;
      resolve({ ...endpoint, port });
    });
  });
}

/** Stops accepting. The port is free at once; the server's own 'close' event would wait for the last open connection. */
export function stopListening(server: Server): Promise<void> {
  server.close();
  return new Promise((resolve) => setImmediate(resolve));
}

/** A secure endpoint was to be listened on without a certificate or its key. */
export class TlsFilesError extends IxgateError {
  override readonly name = 'TlsFilesError';
  constructor(endpoint: Endpoint) {
    super('TLS_FILES_MISSING', `${formatEndpoint(endpoint)} needs a certificate and its key`);
  }
}

/**
 * The options of a TLS listener.
 * @throws {TlsFilesError}
 */
export function tlsServerOptions(endpoint: Endpoint, { cert, key, ca }: TlsFiles = {}) {
  if (!cert || !key) throw new TlsFilesError(endpoint);
  return {
    cert,
    key,
    minVersion: 'TLSv1.2' as const,
    // A renegotiation costs the server a handshake, as often as the client asks for one. TLS 1.3 has none.
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
    // Node's own timer starts over in places; ours (see Handshakes) runs from the accept and does not.
    handshakeTimeout: 2_147_483_647,
    ...(ca && { ca, requestCert: true, rejectUnauthorized: true }),
  };
}
