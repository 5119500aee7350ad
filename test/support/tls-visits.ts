/** One visit to a secure endpoint with Node's own TLS: what certificate is shown, and whether the visitor gets in. */
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import type { Endpoint } from '../../adapters/net/transports/index.js';
import { registerRequest } from './line-client.js';

export interface Visit {
  /** The first that the server says to a registration, or to an upgrade; null when it ended the connection. */
  readonly answer: string | null;
  /** SHA-256 of the server's certificate. */
  readonly fingerprint: string | undefined;
  /** The session of an earlier visit was taken up again: no certificate was shown or asked for. */
  readonly isResumed: boolean;
  /** To come back with; null when none was given. */
  readonly session: Buffer | null;
}

/** Handshakes, asks once, and leaves. */
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
  // Null when the connection is gone.
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
