/** A thread that reads one version of an allow-list and hands it over. */
import { parentPort, workerData } from 'node:worker_threads';
import { buffersOf } from './client-list-file.js';
import { readVersion } from './list-version.js';

/** What the thread is given. */
export interface ListTask {
  readonly path: string;
  readonly known: string | null;
}

const { path, known } = workerData as ListTask;
const version = await readVersion(path, known);
const { content } = version;
parentPort?.postMessage(version, content && 'names' in content ? buffersOf(content) : []);
