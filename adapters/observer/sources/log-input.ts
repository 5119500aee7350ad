import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { FileError, unreadable } from '../../files/file-error.js';
import { openRegular } from '../../files/regular-file.js';
import {
  asUtf8,
  BrokenOffError,
  bytesOf,
  chunksOf,
  gunzipped,
  type Packing,
  packingOf,
} from './chunks.js';

/** A source of lines. */
export interface LogInput {
  /** The name for messages. */
  readonly file: string;
  /** Its name without folders; null for a pipe. */
  readonly name: string | null;
  /** Size on the disk in bytes; null when unknown. */
  readonly bytes: number | null;
  /** The path of an uncompressed file, which may grow; null for compressed files and pipes. */
  readonly growing: string | null;
  /**
   * Its bytes, unpacked, as UTF-8 where it was UTF-16.
   * @param onBytes called with the number of bytes read from the disk.
   * @throws {FileError} when it cannot be read. @throws {BrokenOffError} after the readable part of a compressed file.
   */
  chunks(onBytes: (bytes: number) => void): AsyncIterable<Buffer>;
}

/** Opens a path: one input, or one for each file of an archive. @throws {FileError} */
export async function inputsAt(path: string): Promise<LogInput[]> {
  const bytes = (await stat(path)).size;
  const packing = packingOf(await firstBytes(path));
  if (packing === 'zip') return entriesOf(path);
  const growing = packing === 'plain' ? path : null;
  const chunks = (onBytes: (bytes: number) => void) =>
    unpacked(told(bytesOf(path), onBytes), packing);
  return [{ file: path, name: basename(path), bytes, growing, chunks }];
}

/** Bytes, unpacked, as UTF-8. */
export function unpacked(packed: AsyncIterable<Buffer>, packing: Packing): AsyncIterable<Buffer> {
  return asUtf8(packing === 'gzip' ? gunzipped(packed) : packed);
}

/** Passes the bytes on and counts them. */
export async function* told(
  chunks: AsyncIterable<Buffer>,
  onBytes: (bytes: number) => void,
): AsyncGenerator<Buffer, void, void> {
  for await (const chunk of chunks) {
    onBytes(chunk.length);
    yield chunk;
  }
}

async function firstBytes(path: string): Promise<Uint8Array> {
  await using file = await openRegular(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
    return buffer.subarray(0, bytesRead);
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

/** Maximum number of entries of an archive. */
const mostEntries = 10_000;

/** The files of a zip archive. Nothing is extracted to the disk: the names of its entries are only names. */
async function entriesOf(path: string): Promise<LogInput[]> {
  const inputs: LogInput[] = [];
  const zip = await zipAt(path);
  try {
    for await (const entry of zip.eachEntry()) {
      if (entry.fileName.endsWith('/')) continue;
      if (entry.isEncrypted()) {
        throw new FileError(path, null, `${entry.fileName} in it is encrypted: unpack it first`);
      }
      if (inputs.length === mostEntries) {
        throw new FileError(path, null, `has more than ${mostEntries} files: unpack it first`);
      }
      inputs.push(inputOf(path, entry));
    }
  } catch (cause) {
    if (cause instanceof FileError) throw cause;
    throw new FileError(path, null, `is a broken zip: ${(cause as Error).message}`, { cause });
  } finally {
    zip.close();
  }
  return inputs;
}

function inputOf(path: string, entry: Entry): LogInput {
  const file = `${path}/${entry.fileName}`;
  async function* chunks(onBytes: (bytes: number) => void) {
    const broken = (cause: Error) =>
      new BrokenOffError(`the zip is damaged: ${cause.message}`, { cause });
    const zip = await zipAt(path);
    try {
      const stream = await zip.openReadStreamPromise(entry).catch((cause: Error) => {
        throw new FileError(file, null, `cannot be unpacked: ${cause.message}`, { cause });
      });
      yield* asUtf8(chunksOf(stream, broken));
      onBytes(entry.compressedSize);
    } finally {
      zip.close();
    }
  }
  return {
    file,
    name: basename(entry.fileName),
    bytes: entry.compressedSize,
    growing: null,
    chunks,
  };
}

async function zipAt(path: string): Promise<ZipFile> {
  try {
    return await openPromise(path, { lazyEntries: true, autoClose: false });
  } catch (cause) {
    throw new FileError(path, null, `is a broken zip: ${(cause as Error).message}`, { cause });
  }
}
