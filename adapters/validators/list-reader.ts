import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { FileError } from '../files/file-error.js';
import { openRegular } from '../files/regular-file.js';
import { type ListVersion, readVersion } from './list-version.js';
import type { ListTask } from './list-worker.js';

/** Size in bytes below which a file is read in this thread, because starting a thread takes longer. */
const smallFile = 65_536;

const worker = new URL(
  import.meta.url.endsWith('.ts')
    ? '../../dist/adapters/validators/list-worker.js'
    : './list-worker.js',
  import.meta.url,
);

/**
 * Reads a version of an allow-list; a large one in a thread, so that the event loop is not blocked. If a bundle lacks the program of the
 * thread, the list is read in this thread.
 * @param known the digest of the last version, which is not checked again.
 * @throws the signal's reason immediately when it aborts.
 */
export async function readList(
  path: string,
  known: string | null,
  signal: AbortSignal,
): Promise<ListVersion> {
  signal.throwIfAborted();
  const isLarge = (await sizeOf(path)) > smallFile && existsSync(fileURLToPath(worker));
  return isLarge ? readInThread({ path, known }, signal) : readVersion(path, known);
}

/** The size in bytes; 0 when the file cannot be read, which reading reports. */
async function sizeOf(path: string): Promise<number> {
  try {
    await using file = await openRegular(path);
    return (await file.stat()).size;
  } catch (error) {
    if (error instanceof FileError) return 0;
    throw error;
  }
}

function readInThread(task: ListTask, signal: AbortSignal): Promise<ListVersion> {
  return new Promise((resolve, reject) => {
    const thread = new Worker(worker, { workerData: task });
    const abort = () => {
      reject(signal.reason);
      void thread.terminate();
    };
    signal.addEventListener('abort', abort, { once: true });
    thread.once('message', resolve);
    thread.once('error', (error) => resolve(failed(error)));
    thread.once('exit', (code) => {
      signal.removeEventListener('abort', abort);
      resolve(failed(new Error(`its thread exited with ${code}`)));
    });
  });
}

function failed(error: NodeJS.ErrnoException): ListVersion {
  const isTooLarge = error.code === 'ERR_WORKER_OUT_OF_MEMORY';
  const why = isTooLarge ? 'not enough memory; JSON needs less of it than YAML' : error.message;
  const problem = `cannot be read: ${why}`;
  return { digest: problem, content: { line: null, problem } };
}
