/** Files of learned machines. */
import * as v from 'valibot';
import type { LearnedFile } from '../../../machines/engine/learning/learned-file.js';
import type { TimedMachine } from '../../../machines/engine/learning/timed-machine.js';
import { FileError } from '../../files/file-error.js';
import { problemOf } from '../../files/issues.js';
import type { KeyPath } from '../../files/json-positions.js';
import { parseStructured, readText } from '../../files/structured-file.js';
import { learnedSchema } from './learned-schema.js';

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

/** What the schema cannot tell: names that no state or input has. */
function machineProblem(
  machine: TimedMachine,
): { readonly keyPath: KeyPath; readonly sentence: string } | null {
  const { initial, inputs, states } = machine;
  const names = new Set(states.map(({ name }) => name));
  const noState = (keyPath: KeyPath, name: string) => ({
    keyPath,
    sentence: `no state has the name ${JSON.stringify(name)}`,
  });
  if (names.size < states.length) {
    return { keyPath: ['states'], sentence: 'two states have the same name' };
  }
  if (!names.has(initial)) return noState(['initial'], initial);
  for (const [index, { timeout, edges }] of states.entries()) {
    const at = ['states', index] as const;
    if (timeout && !names.has(timeout.to)) return noState([...at, 'timeout', 'to'], timeout.to);
    for (const [input, { to }] of Object.entries(edges)) {
      const keyPath = [...at, 'edges', input];
      if (!names.has(to)) return noState([...keyPath, 'to'], to);
      if (!inputs.includes(input)) {
        return { keyPath, sentence: `the machine has no input ${JSON.stringify(input)}` };
      }
    }
  }
  return null;
}
