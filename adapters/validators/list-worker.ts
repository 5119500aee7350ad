/** The program of a thread that reads one version of an allow-list. */
import { parentPort, workerData } from 'node:worker_threads';
import { buffersOf } from './client-list-file.js';
import { readVersion } from './list-version.js';

/** The input of the thread. */
export interface ListTask {
  readonly path: string;
  readonly known: string | null;
}

const { path, known } = workerData as ListTask;
const version = await readVersion(path, known);
const { content } = version;
parentPort?.postMessage(version, content && 'names' in content ? buffersOf(content) : []);
