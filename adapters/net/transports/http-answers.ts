/** HTTP answers on a bare socket, for upgrades that are not granted. */
import type { Socket } from 'node:net';

/** Answers an upgrade with an error and closes its socket. */
export function refuse(socket: Socket, status: string, headers = ''): void {
  answer(socket, responseText(status, headers));
}

/** Answers a connection that got no slot: HTTP 503, and Retry-After where it is known. */
export function refuseUnavailable(socket: Socket, retryAfter: number | null): void {
  answer(socket, unavailable(retryAfter));
}

/** The answer to a connection that got no slot. @param retryAfter milliseconds */
export function unavailable(retryAfter: number | null): string {
  const after = retryAfter === null ? '' : `Retry-After: ${Math.ceil(retryAfter / 1_000)}\r\n`;
  return responseText(
    '503 Service Unavailable',
    `${after}Content-Type: text/plain\r\n`,
    'not accepting connections\n',
  );
}

function answer(socket: Socket, text: string): void {
  socket.on('error', () => socket.destroy());
  socket.once('finish', () => socket.destroy());
  if (socket.writable) socket.end(text);
  else socket.destroy();
}

function responseText(status: string, headers = '', body = ''): string {
  return `HTTP/1.1 ${status}\r\nConnection: close\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`;
}
