import type { Socket } from 'node:net';
import { type HeaderProblem, maxHeader, type ProxyHeader, parseProxyHeader } from './header.js';

/**
 * Reads the header at the start of a socket. What follows it stays in the socket, unread and not flowing.
 * @param done called once with the header or the problem; not called when the socket closes before
 */
export function awaitProxyHeader(
  socket: Socket,
  done: (header: ProxyHeader | HeaderProblem) => void,
): void {
  let read: Buffer = Buffer.alloc(0);
  const onReadable = () => {
    const chunk: Buffer | null = socket.read();
    if (chunk === null) return;
    read = read.length === 0 ? chunk : Buffer.concat([read, chunk]);
    const header = parseProxyHeader(read);
    // A chunk of at most 64 KiB follows less than a header, so this is bounded.
    if (header === null && read.length < maxHeader) return;
    socket.off('readable', onReadable);
    socket.off('end', onEnd);
    const result = header ?? { problem: `a header of more than ${maxHeader} bytes` };
    if ('length' in result && read.length > result.length) {
      socket.unshift(read.subarray(result.length));
    }
    // In the next tick the stream is as if it had not been read: it flows when someone listens for data.
    process.nextTick(done, result);
  };
  // A half-closed connection cannot send a header any more.
  const onEnd = () => socket.destroy();
  socket.on('readable', onReadable);
  socket.on('end', onEnd);
}
