import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** `2026-07-25T14-30-03.134Z-4711-0001.jsonl`: start time (UTC), process id, and number of the file in the process. */
export function recordingName(at: Date, process: number, count: number): string {
  const time = at.toISOString().replaceAll(':', '-');
  return `${time}-${process}-${String(count).padStart(4, '0')}.jsonl`;
}

const pattern = /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}Z-(\d+)-\d{4,}\.jsonl$/;

/** The process that wrote a recording, by the name of the file; null for other names. */
export function processOfRecording(name: string): string | null {
  return pattern.exec(name)?.[1] ?? null;
}

/**
 * Removes the oldest recordings of a folder, so that `keep` remain, including those being written. Other files, folders and links are
 * not touched. A file that another process has just removed is not an error.
 * @throws the first error of the system, after removing the others.
 */
export async function removeOldest(
  folder: string,
  keep: number,
  current: readonly string[],
): Promise<void> {
  const files = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isFile());
  const isFinished = (name: string) => pattern.test(name) && !current.includes(name);
  const names = files.map(({ name }) => name).filter(isFinished);
  const oldest = names.sort().slice(0, Math.max(0, names.length - (keep - current.length)));
  const errors: unknown[] = [];
  for (const name of oldest) {
    await rm(join(folder, name), { force: true }).catch((error: unknown) => errors.push(error));
  }
  if (errors.length > 0) throw errors[0];
}
