import { randomUUID } from 'node:crypto';
import { realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { CoverageJson } from '../../machines/engine/coverage/coverage.js';
import { coverageText, type Parsed } from '../../machines/engine/coverage/coverage-text.js';
import { type Coverage, parseCoverage } from '../../machines/registration/session/coverage.js';
import { FileError } from '../files/file-error.js';
import { readText } from '../files/structured-file.js';
import { writeProblem } from '../recording/errors.js';

/** Maximum size of a coverage file of the registration chart in bytes, ten times the largest possible one. */
const longest = 4_000_000;

/**
 * Writes a coverage file and replaces an existing one. A concurrent reader sees the old or the new file, never a part.
 * @throws {FileError} when it cannot be written.
 */
export async function writeCoverage(
  path: string,
  coverage: { toJSON(): CoverageJson },
): Promise<void> {
  // A link stays a link. A pipe or device (/dev/stdout) is written to and not replaced.
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
 * Reads a coverage file of the registration chart.
 * @throws {FileError} for an unreadable or invalid file; the message suggests a fix.
 */
export async function readCoverage(path: string): Promise<Coverage> {
  return readCoverageWith(path, longest, parseCoverage);
}

/** Reads a coverage file of a chart. @param limit its maximum size in bytes. @throws {FileError} */
export async function readCoverageWith<Read>(
  path: string,
  limit: number,
  parse: (text: string) => Parsed<Read>,
): Promise<Read> {
  const there = await stat(path).catch(() => null);
  if (there && there.size > limit)
    throw new FileError(path, null, `is not a coverage file: it has ${there.size} bytes`);
  const { coverage, problem } = parse(await readText(path));
  if (problem === null) return coverage;
  throw new FileError(path, null, problem);
}
