import { open } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Answer, type FileAnswer, type FileBody, headersOf, isFile } from './answer.js';

/** Bytes per write. */
const chunkSize = 65_536;

/**
 * Writes an answer in chunks, each after the previous one is flushed.
 * @param timeout milliseconds to flush one chunk; then the connection is destroyed.
 * @returns when the answer is written or the connection is closed. Never rejects.
 */
export async function writeAnswer(
  request: IncomingMessage,
  response: ServerResponse,
  answer: Answer | FileAnswer,
  timeout: number,
): Promise<void> {
  const { socket } = request;
  const { status, body } = answer;
  const timer = setTimeout(() => socket.destroy(), timeout);
  try {
    const bytes = typeof body === 'string' ? Buffer.from(body) : body;
    response.writeHead(status, {
      ...headersOf(answer),
      'content-length': isFile(bytes) ? bytes.size : bytes.byteLength,
    });
    if (request.method !== 'HEAD') {
      for await (const chunk of isFile(bytes) ? chunksOfFile(bytes) : chunksOf(bytes)) {
        await flushed(response, (done) => response.write(chunk, done));
        if (socket.destroyed) return;
        timer.refresh();
      }
    }
    if (!socket.destroyed) await flushed(response, (done) => response.end(done));
  } catch {
    // The head was sent: closing the connection is the only way to report it.
    socket.destroy();
  } finally {
    clearTimeout(timer);
  }
}

function* chunksOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += chunkSize) yield bytes.subarray(at, at + chunkSize);
}

/** @throws when the file was truncated meanwhile. */
async function* chunksOfFile({ path, size }: FileBody): AsyncGenerator<Uint8Array> {
  const file = await open(path);
  try {
    const buffer = Buffer.alloc(Math.min(chunkSize, size));
    for (let at = 0; at < size; ) {
      const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, size - at), at);
      if (bytesRead === 0) throw new Error(`${path} was truncated`);
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

/** Resolves when the write is flushed or the connection is closed. */
function flushed(response: ServerResponse, write: (done: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('close', done);
      resolve();
    };
    response.once('close', done);
    write(done);
  });
}
