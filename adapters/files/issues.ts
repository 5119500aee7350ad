import type * as v from 'valibot';
import { abridged } from '../../machines/text/format.js';
import { nearest } from '../runtime/nearest.js';
import type { KeyPath } from './json-positions.js';

/** A problem of a value: its position, and a sentence with the value and the allowed values. */
export interface Problem {
  readonly keyPath: KeyPath;
  readonly sentence: string;
}

/**
 * Puts a valibot issue into words. The messages of the schemas are the allowed values ("a whole number from 1 to 10").
 * @param keys the known keys of the object with the issue.
 */
export function problemOf(issue: v.BaseIssue<unknown>, keys: readonly string[]): Problem {
  const keyPath = (issue.path ?? []).map(({ key }) => key as string | number);
  const where = keyText(keyPath);
  if (issue.type === 'strict_object' && issue.expected === 'never') {
    return { keyPath, sentence: unknownKey(where, String(keyPath.at(-1)), keys) };
  }
  const subject = where === '' ? 'the file' : where;
  if (issue.input === undefined)
    return { keyPath, sentence: `${subject} is missing; allowed: ${issue.message}` };
  const shown = where === '' ? kindOf(issue.input) : abridged(issue.input);
  return { keyPath, sentence: `${subject} is ${shown}; allowed: ${issue.message}` };
}

/** The sentence for an unknown key. */
export function unknownKey(where: string, key: string, keys: readonly string[]): string {
  const near = nearest(key, keys);
  const hint = near === null ? '' : ` Did you mean ${near}?`;
  return `unknown key ${where}.${hint} Known: ${keys.join(', ')}`;
}

/** `['clients', 2, 'cap']` as people write it: `clients[2].cap`. */
export function keyText(keyPath: KeyPath): string {
  return keyPath
    .map((key, index) => {
      if (typeof key === 'number') return `[${key}]`;
      return index === 0 ? key : `.${key}`;
    })
    .join('');
}

function kindOf(value: unknown): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : abridged(value);
}
