import type { Duplex } from 'node:stream';
import { guardHeaders } from './answer.js';

/** Answers an upgrade request with an error and closes the connection. */
export function refuseUpgrade(
  socket: Duplex,
  status: string,
  why: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  socket.on('error', () => socket.destroy());
  socket.once('finish', () => socket.destroy());
  const body = `${why}\n`;
  const lines = Object.entries({
    ...guardHeaders,
    Connection: 'close',
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': Buffer.byteLength(body),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status}\r\n${lines.join('')}\r\n${body}`);
}
