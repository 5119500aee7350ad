import { randomUUID } from 'node:crypto';
import { realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Coverage, coverageText, parseCoverage } from '../../machines/index.js';
import { FileError } from '../files/file-error.js';
import { readText } from '../files/structured-file.js';
import { writeProblem } from '../recording/errors.js';

/** Bytes a coverage file may have; the largest there can be has a tenth of it. */
const longest = 4_000_000;

/**
 * Writes a coverage file, over one that is there. A reader meanwhile reads the old one or the new one, never half of one.
 * @throws {FileError} when it cannot be written.
 */
export async function writeCoverage(path: string, coverage: Coverage): Promise<void> {
  // A link stays a link; what is there and is not a file (a pipe, /dev/stdout) is written to and not replaced.
  const target = await realpath(path).catch(() => path);
  const there = await stat(target).catch(() => null);
  const text = coverageText(coverage);
  try {
    if (there?.isDirectory()) throw Object.assign(new Error('it is a folder'), { code: '' });
    if (there && !there.isFile()) await writeFile(target, text);
    else await replace(target, text);
  } catch (cause) {
    throw new FileError(path, null, `cannot be written: ${writeProblem(cause)}`, { cause });
  }
}

async function replace(path: string, text: string): Promise<void> {
  const draft = join(dirname(path), `.${randomUUID()}.tmp`);
  try {
    await writeFile(draft, text, { flag: 'wx' });
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

/**
 * Reads a coverage file.
 * @throws {FileError} when it cannot be read or is none; the message says what helps.
 */
export async function readCoverage(path: string): Promise<Coverage> {
  const there = await stat(path).catch(() => null);
  if (there && there.size > longest)
    throw new FileError(path, null, `is not a coverage file: it has ${there.size} bytes`);
  const { coverage, problem } = parseCoverage(await readText(path));
  if (coverage) return coverage;
  throw new FileError(path, null, problem);
}
