import { FileError } from '../../files/file-error.js';
import { packingOf } from './chunks.js';
import { type LogInput, told, unpacked } from './log-input.js';

const file = 'standard input';

/**
 * Standard input. It can be read once only; the part read to recognise the format is read again from memory.
 * @throws {FileError} for a zip archive, which must be read from its end.
 */
export async function standardInput(stream: NodeJS.ReadableStream): Promise<LogInput> {
  const source = (stream as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  const first = await source.next();
  const packing = packingOf(first.done ? Buffer.alloc(0) : first.value);
  if (packing === 'zip') {
    throw new FileError(file, null, 'a zip cannot be read from a pipe: name the file instead');
  }
  const kept: Buffer[] = first.done ? [] : [first.value];
  let isRead = false;
  async function* bytes(): AsyncGenerator<Buffer, void, void> {
    // The first reader reads the beginning only and leaves it for the second.
    const isHead = !isRead;
    isRead = true;
    yield* kept;
    for (let next = await source.next(); !next.done; next = await source.next()) {
      if (isHead) kept.push(next.value);
      yield next.value;
    }
  }
  return {
    file,
    name: null,
    bytes: null,
    growing: null,
    chunks: (onBytes) => unpacked(told(bytes(), onBytes), packing),
  };
}
