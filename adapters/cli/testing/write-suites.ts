import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { isGenerated, type SuiteFile } from '../../../machines/index.js';
import { UsageError } from '../exit-codes.js';

/**
 * Writes files into a folder, which is made where it is not there. A file is written beside its place and then put there, so that half a
 * file is never taken for a whole one; one that is there already is written over only when it was generated, too.
 * @returns the paths.
 * @throws {UsageError}; the signal's reason when it is aborted.
 */
export async function writeSuiteFiles(
  folder: string,
  files: Iterable<SuiteFile>,
  signal: AbortSignal,
): Promise<string[]> {
  await makeFolder(folder);
  const written: string[] = [];
  for (const { name, chunks } of files) {
    const path = join(folder, name);
    await mayBeWritten(path);
    const part = `${path}.part`;
    try {
      await pipeline(Readable.from(blocks(chunks)), createWriteStream(part), { signal });
      await rename(part, path);
    } catch (cause) {
      await rm(part, { force: true }).catch(() => {});
      signal.throwIfAborted();
      throw new UsageError(`${path} cannot be written: ${(cause as Error).message}`, { cause });
    }
    written.push(path);
  }
  return written;
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await makeEach(folder);
    if ((await stat(folder)).isDirectory()) return;
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code !== 'EEXIST' && code !== 'ENOTDIR') {
      throw new UsageError(`--out ${folder} cannot be made: ${message}`, { cause });
    }
  }
  throw new UsageError(
    `--out ${folder} is no folder; allowed: a folder, which is made when it is not there`,
  );
}

/** Node's own `recursive` never ends where the system has no folder to make one in (/proc). */
async function makeEach(folder: string): Promise<void> {
  try {
    await mkdir(folder);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT' || dirname(folder) === folder) throw cause;
    await makeEach(dirname(folder));
    // Where this says the same again, the folder above is there and takes none.
    await mkdir(folder);
  }
}

async function mayBeWritten(path: string): Promise<void> {
  let line = '';
  try {
    line = await firstLineOf(path);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') return;
    throw new UsageError(`${path} cannot be written: ${message}`, { cause });
  }
  if (isGenerated(line)) return;
  throw new UsageError(
    `${path} is there already and was not made by ixgate generate; move it, or choose another folder with --out`,
  );
}

/** The first line, or as much of it as says what the file is. */
async function firstLineOf(path: string): Promise<string> {
  const stream = createReadStream(path, { end: 4_095, encoding: 'utf8' });
  for await (const line of createInterface({ input: stream })) {
    stream.destroy();
    return line;
  }
  return '';
}

/** Small chunks put together: a write for each would cost more than what is written. */
function* blocks(chunks: Iterable<string>): Generator<string> {
  let block = '';
  for (const chunk of chunks) {
    block += chunk;
    if (block.length < 65_536) continue;
    yield block;
    block = '';
  }
  if (block !== '') yield block;
}
