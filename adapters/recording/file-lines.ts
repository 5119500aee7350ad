import { createReadStream } from 'node:fs';
import { FileError, unreadable } from '../files/file-error.js';
import { LineReader } from '../net/wire/line-reader.js';

/** Maximum length of a line of a recording in bytes. */
export const longestLine = 16 * 1_024 * 1_024;

/**
 * Reads the lines of a recording of any length, in constant memory.
 * @param take called with each line, without its end; false ends the reading. `isLast` marks a line without a line feed
 * @param onBytes called with the number of newly read bytes
 * @throws {FileError} when it cannot be read, or what `take` throws
 */
export async function readFileLines(
  path: string,
  take: (line: Uint8Array | 'too-long', isLast: boolean) => boolean,
  onBytes: (bytes: number) => void = () => {},
): Promise<void> {
  const lines = new LineReader(() => ({ maxFrame: longestLine }));
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 262_144 })) {
      lines.push(chunk as Buffer);
      for (let line = lines.next(); line !== null; line = lines.next()) {
        if (!take(line, false)) return;
      }
      onBytes((chunk as Buffer).length);
    }
  } catch (cause) {
    if (cause instanceof FileError) throw cause;
    throw unreadable(path, cause);
  }
  if (lines.pending === 0) return;
  lines.push(Buffer.from('\n'));
  take(lines.next() ?? 'too-long', true);
}
