/** The inspector of a test suite: it records everything that the tests tell. */
import { open, rm } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { RecordingError } from '../recording/errors.js';
import { openInspector } from './open.js';
import type { InspectorServer } from './open-inspector.js';

/** Milliseconds between two looks at what is connected, and how long apps may take to disconnect at the end. */
const look = 10;
const longestEnd = 5_000;

/** Only the recording is read, and nothing may be left out of it. */
const limits = {
  apps: 1_000,
  actors: 1,
  events: 1,
  bytes: 65_536,
  frame: 67_108_864,
  bytesPerSecond: Number.MAX_SAFE_INTEGER,
};

/**
 * Opens an inspector on a free port of this machine. An older recording is replaced.
 * @param record path of the recording
 * @throws {RecordingError} when the file cannot be created, or is not a recording
 */
export async function openSuiteInspector(record: string): Promise<InspectorServer> {
  await removeRecording(record);
  const listen = 'http://127.0.0.1:0';
  const server = await openInspector({ listen, record, limits });
  const close = async () => {
    // What the apps sent before they disconnected may not be read yet.
    const end = Date.now() + longestEnd;
    while (server.apps().apps.some(({ connected }) => connected) && Date.now() < end) {
      await pause(look);
    }
    await server.close();
  };
  return { ...server, close, [Symbol.asyncDispose]: close };
}

async function removeRecording(path: string): Promise<void> {
  let start: string;
  try {
    await using file = await open(path);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(8), 0, 8, 0);
    start = buffer.toString('latin1', 0, bytesRead);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    const { message } = error as Error;
    throw new RecordingError('RECORD_FAILED', path, `it cannot be replaced: ${message}`, {
      cause: error,
    });
  }
  if (start !== '' && !start.startsWith('{"app":') && !start.startsWith('{"at":')) {
    const problem = 'the file exists and is not a recording. Choose another name, or remove it';
    throw new RecordingError('RECORD_FAILED', path, problem);
  }
  await rm(path, { force: true });
}
