import { access, readdir, rename, rm } from 'node:fs/promises';
import { join, parse } from 'node:path';

/** `gate.log` is renamed to `gate.2026-11-29T22-20-49.123Z.log`. */
const stamp = /^\.\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}Z(?:-\d+)?$/;

/**
 * Renames a full log file. It never replaces a file.
 * @returns its new path.
 * @throws the error of the system.
 */
export async function moveAway(path: string): Promise<string> {
  const { dir, name, ext } = parse(path);
  const stem = `${join(dir, name)}.${new Date().toISOString().replaceAll(':', '-')}`;
  let target = `${stem}${ext}`;
  for (let count = 2; await exists(target); count += 1) target = `${stem}-${count}${ext}`;
  await rename(path, target);
  return target;
}

/**
 * Removes the oldest rotated files of a log; other files stay.
 * @param keep the number of rotated files that stay.
 * @throws the error of the system.
 */
export async function removeOldest(path: string, keep: number): Promise<void> {
  const { dir, name, ext } = parse(path);
  const stampOf = (file: string) => file.slice(name.length, file.length - ext.length);
  const rotated = (await readdir(dir))
    .filter((file) => file.startsWith(name) && file.endsWith(ext) && stamp.test(stampOf(file)))
    // `...123Z` before `...123Z-2` before `...123Z-10`.
    .sort((one, other) => stampOf(one).localeCompare(stampOf(other), 'en', { numeric: true }));
  for (const old of rotated.slice(0, Math.max(0, rotated.length - keep))) {
    await rm(join(dir, old), { force: true });
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
