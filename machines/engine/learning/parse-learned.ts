/** Files of learned machines as texts, without line numbers: for the page. */
import * as v from 'valibot';
import { abridged } from '../../text/format.js';
import type { LearnedFile } from './learned-file.js';
import { learnedSchema } from './learned-schema.js';
import { machineProblem } from './machine-problem.js';

/** `problem` is a predicate for a sentence that begins with the name of the file. */
export type ParsedLearned =
  | { readonly file: LearnedFile; readonly problem: null }
  | { readonly file: null; readonly problem: string };

/** Whether the beginning of a text is that of a learned machine of any version. */
export function isLearnedText(text: string): boolean {
  return /^\uFEFF?\s*\{\s*"kind"\s*:\s*"ixgate-learned"/.test(text);
}

/** Parses the text of a file of `ixgate learn --out`. Never throws. */
export function parseLearned(text: string): ParsedLearned {
  const wrong = (problem: string) => ({ file: null, problem });
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return wrong('is cut off or was edited: invalid JSON. Write it again');
  }
  const { version } = Object(value) as { readonly version?: unknown };
  if (version !== 1) {
    return wrong(`has version ${abridged(version)}, and this ixgate reads version 1`);
  }
  const result = v.safeParse(learnedSchema, value);
  if (!result.success) {
    const [issue] = result.issues;
    const where = v.getDotPath(issue) ?? 'the file';
    const shown = issue.input === undefined ? 'missing' : abridged(issue.input);
    return wrong(`is damaged: ${where} is ${shown}; allowed: ${issue.message}`);
  }
  const file = result.output as LearnedFile;
  for (const key of ['machine', 'expected'] as const) {
    const problem = file[key] && machineProblem(file[key]);
    if (!problem) continue;
    const where = [key, ...problem.keyPath].join('.');
    return wrong(`is damaged: ${where}: ${problem.sentence}`);
  }
  return { file, problem: null };
}
