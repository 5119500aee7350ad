import type { Stats } from 'node:fs';
import { type FileHandle, stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { openRegular } from '../../files/regular-file.js';

/** Interval of polling a file in milliseconds. Polling also works on network drives, which send no change events. */
const every = 200;
const atOnce = 262_144;

/**
 * The growth of a file: its new bytes; `rotated` when it was moved or removed and recreated under the same name; `truncated`
 * when it was truncated in place.
 */
export type Growth = Buffer | 'rotated' | 'truncated';

/**
 * Follows a file until the signal aborts, or until it was read to its end and has a successor.
 * @param hasNext whether another file has replaced it; called at the end of the file with the
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
        // Data written between the last poll and the move.
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
  // The file was moved and not recreated yet, or replaced by a pipe, which cannot be followed.
  if (!there?.isFile()) return null;
  const own = await file.stat();
  if (there.ino !== own.ino || there.dev !== own.dev) return 'rotated';
  return own.size < at ? 'truncated' : null;
}
