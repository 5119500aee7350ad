import type { Stats } from 'node:fs';
import { type FileHandle, stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { openRegular } from '../../files/regular-file.js';

/** How often a file is looked at, in milliseconds. Asking works on network drives too, where nobody tells of changes. */
const every = 200;
const atOnce = 262_144;

/**
 * A file that grows: its bytes; `rotated` when it was moved away, or removed, and is rewritten under the same name; `truncated`
 * when it was cut in place.
 */
export type Growth = Buffer | 'rotated' | 'truncated';

/**
 * Follows a file until the signal aborts, or until it has been read to its end and something has come after it.
 * @param hasNext whether another file has taken its place, which is asked when there is nothing more to read; it is given the
 *   state of the followed file, which may have been moved or removed.
 * @throws {FileError} when it cannot be read.
 */
export async function* growthOf(
  path: string,
  signal: AbortSignal,
  hasNext: (own: Stats) => Promise<boolean>,
): AsyncGenerator<Growth, void, void> {
  let file = await openRegular(path);
  try {
    let at = 0;
    while (!signal.aborted) {
      const buffer = Buffer.allocUnsafe(atOnce);
      const { bytesRead } = await file.read(buffer, 0, atOnce, at);
      if (bytesRead > 0) {
        at += bytesRead;
        yield buffer.subarray(0, bytesRead);
        continue;
      }
      const change = await changeOf(path, file, at);
      if (change === 'rotated') {
        // What was written between the last look and the move.
        const { size } = await file.stat();
        if (size > at) continue;
        await file.close();
        file = await openRegular(path);
        at = 0;
        yield 'rotated';
      } else if (change === 'truncated') {
        at = 0;
        yield 'truncated';
      } else if (await hasNext(await file.stat())) return;
      else await delay(every, undefined, { signal }).catch(() => {});
    }
  } finally {
    await file.close();
  }
}

async function changeOf(
  path: string,
  file: FileHandle,
  at: number,
): Promise<'rotated' | 'truncated' | null> {
  const there = await stat(path).catch(() => null);
  // Moved away and not written again yet, or replaced by a pipe, which cannot be followed.
  if (!there?.isFile()) return null;
  const own = await file.stat();
  if (there.ino !== own.ino || there.dev !== own.dev) return 'rotated';
  return own.size < at ? 'truncated' : null;
}
