import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { FileError, unreadable } from '../../files/file-error.js';

/** Bytes per read. */
const atOnce = 262_144;

/** A compressed file is incomplete or damaged; the data before this point is valid. */
export class BrokenOffError extends Error {
  override readonly name = 'BrokenOffError';
}

/**
 * The raw bytes of a file.
 * @throws {FileError} when it cannot be read.
 */
export async function* bytesOf(path: string): AsyncGenerator<Buffer, void, void> {
  const stream = createReadStream(path, { highWaterMark: atOnce });
  try {
    for await (const chunk of stream) yield chunk as Buffer;
  } catch (cause) {
    throw unreadable(path, cause);
  } finally {
    stream.destroy();
  }
}

export type Packing = 'plain' | 'gzip' | 'zip';

/** Recognises compression by the first bytes of a file. */
export function packingOf(head: Uint8Array): Packing {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  const isZip = head[0] === 0x50 && head[1] === 0x4b && (head[2] === 3 || head[2] === 5);
  return isZip ? 'zip' : 'plain';
}

/**
 * Unpacks gzip, one member or several.
 * @throws {BrokenOffError} after the data that could be unpacked.
 */
export async function* gunzipped(
  packed: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer, void, void> {
  const source = Readable.from(packed, { objectMode: false });
  const gunzip = createGunzip({ chunkSize: atOnce });
  source.on('error', (error) => gunzip.destroy(error)).pipe(gunzip);
  try {
    for await (const chunk of gunzip) yield chunk as Buffer;
  } catch (cause) {
    if (cause instanceof FileError) throw cause;
    throw new BrokenOffError(`the gzip breaks off: ${(cause as Error).message}`, { cause });
  } finally {
    gunzip.destroy();
    // The next reader of the same source must not overlap with this one.
    if (!source.closed) await once(source.destroy(), 'close');
  }
}

/** The chunks of one entry of an archive. */
export async function* chunksOf(
  stream: Readable,
  broken: (cause: Error) => Error,
): AsyncGenerator<Buffer, void, void> {
  try {
    for await (const chunk of stream) yield chunk as Buffer;
  } catch (cause) {
    throw broken(cause as Error);
  } finally {
    stream.destroy();
  }
}

/** Converts UTF-16 with a byte order mark to UTF-8; other bytes stay unchanged. */
export async function* asUtf8(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, void> {
  let decoder: TextDecoder | null = null;
  let isFirst = true;
  for await (const chunk of chunks) {
    if (isFirst && chunk.length > 0) {
      isFirst = false;
      if (chunk[0] === 0xff && chunk[1] === 0xfe) decoder = new TextDecoder('utf-16le');
      else if (chunk[0] === 0xfe && chunk[1] === 0xff) decoder = new TextDecoder('utf-16be');
    }
    yield decoder ? Buffer.from(decoder.decode(chunk, { stream: true })) : chunk;
  }
  if (decoder) yield Buffer.from(decoder.decode());
}
