import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseRecording, type Recording } from '../../machines/index.js';

export interface RecordedFile extends Recording {
  readonly name: string;
  readonly bytes: number;
}

/** All recordings of a folder, or those of one process, in the order of their names, with their common content. */
export async function recordedIn(
  folder: string,
  process?: number,
): Promise<Omit<Recording, 'torn'> & { readonly files: readonly RecordedFile[] }> {
  const files: RecordedFile[] = [];
  for (const name of (await readdir(folder)).sort()) {
    if (!/^\d{4}-.*\.jsonl$/.test(name)) continue;
    if (process !== undefined && !name.includes(`Z-${process}-`)) continue;
    const text = await readFile(join(folder, name));
    files.push({ name, bytes: text.length, ...parseRecording(text.toString()) });
  }
  return {
    files,
    steps: files.flatMap(({ steps }) => steps),
    problems: files.flatMap(({ problems }) => problems),
    gaps: files.flatMap(({ gaps }) => gaps),
  };
}
