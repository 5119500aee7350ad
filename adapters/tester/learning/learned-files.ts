/** Files of learned machines. */
import * as v from 'valibot';
import type { LearnedFile } from '../../../machines/engine/learning/learned-file.js';
import { learnedSchema } from '../../../machines/engine/learning/learned-schema.js';
import { machineProblem } from '../../../machines/engine/learning/machine-problem.js';
import { FileError } from '../../files/file-error.js';
import { problemOf } from '../../files/issues.js';
import type { KeyPath } from '../../files/json-positions.js';
import { parseStructured, readText } from '../../files/structured-file.js';

const notLearned = 'not a learned machine; expected a file of ixgate learn --out';

/**
 * Reads a file of a learned machine.
 * @throws {FileError} when it cannot be read, is damaged, or is not such a file of this version
 */
export async function readLearned(path: string): Promise<LearnedFile> {
  const text = await readText(path);
  if (!/^\uFEFF?\s*\{/.test(text)) throw new FileError(path, null, notLearned);
  const { value, lineOf } = parseStructured(path, text);
  const fail = (keyPath: KeyPath, problem: string) => new FileError(path, lineOf(keyPath), problem);
  const { kind, version } = Object(value) as Partial<Record<'kind' | 'version', unknown>>;
  if (kind !== 'ixgate-learned') {
    throw new FileError(path, null, notLearned);
  }
  if (version !== 1) {
    const shown = JSON.stringify(version) ?? 'missing';
    throw fail(['version'], `the version is ${shown}; this ixgate reads version 1`);
  }
  const result = v.safeParse(learnedSchema, value);
  if (!result.success) {
    const { keyPath, sentence } = problemOf(result.issues[0], []);
    throw fail(keyPath, sentence);
  }
  const file = result.output as LearnedFile;
  for (const key of ['machine', 'expected'] as const) {
    const problem = file[key] && machineProblem(file[key]);
    if (problem) throw fail([key, ...problem.keyPath], problem.sentence);
  }
  return file;
}

/** The text of a file of a learned machine. */
export function learnedText(file: LearnedFile): string {
  return `${JSON.stringify(file, null, 2)}\n`;
}
