/** One visit to a secure endpoint with Node's own TLS: the server's certificate, and whether the client is accepted. */
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import type { Endpoint } from '../../adapters/net/transports/index.js';
import { registerRequest } from './line-client.js';

export interface Visit {
  /** The server's first answer to a registration or an upgrade; null when it ended the connection. */
  readonly answer: string | null;
  /** SHA-256 of the server's certificate. */
  readonly fingerprint: string | undefined;
  /** Whether the session of an earlier visit was resumed: no certificate was sent or requested. */
  readonly isResumed: boolean;
  /** The session for resumption; null when the server gave none. */
  readonly session: Buffer | null;
}

/** Does the handshake, sends one request, and disconnects. */
export async function visit(
  { scheme, host, port }: Endpoint,
  options: ConnectionOptions,
): Promise<Visit> {
  const socket = connect({ host, port, ...options });
  let session: Buffer | null = null;
  socket.on('session', (given) => {
    session = given;
  });
  socket.on('error', () => {});
  const answer = await answerTo(socket, scheme === 'wss' ? upgrade : line);
  // Null when the connection is closed.
  const fingerprint = socket.getPeerCertificate()?.fingerprint256;
  const isResumed = socket.isSessionReused();
  socket.destroy();
  return { answer, fingerprint, isResumed, session };
}

const line = `${JSON.stringify(registerRequest())}\n`;
const upgrade = [
  'GET / HTTP/1.1',
  'Host: localhost',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  '\r\n',
].join('\r\n');

async function answerTo(socket: TLSSocket, question: string): Promise<string | null> {
  const gone = new Promise<null>((resolve) => socket.once('close', () => resolve(null)));
  const answered = new Promise<string>((resolve) => {
    socket.once('data', (chunk) => resolve(String(chunk)));
  });
  socket.once('secureConnect', () => socket.write(question));
  return Promise.race([answered, gone]);
}
