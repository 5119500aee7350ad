import * as v from 'valibot';
import { errorCodes } from '../../machines/registration/chart/error-codes.js';
import { problemOf } from '../files/issues.js';
import { tokenAllowed } from './admin-token.js';
import { ConfigError } from './errors.js';
import { type ServeValues, serveKeys, serveSchema } from './options.js';
import type { Source } from './sources.js';

/** The values of a source that are valid, and what is wrong with the others. */
export interface CheckedSource {
  readonly values: ServeValues;
  readonly problems: readonly ConfigError[];
  /** The keys of the others. */
  readonly invalid: readonly unknown[];
}

/** Checks every value of a source. */
export function checkSource(source: Source): CheckedSource {
  // A schema takes an empty list for an object without keys.
  if (Array.isArray(source.values)) {
    const problem = `${source.place([])}: the file is a list; allowed: an object with options`;
    const problems = [...source.problems, new ConfigError(problem)];
    return { values: {}, problems, invalid: serveKeys };
  }
  const problems = [...source.problems];
  const invalid: unknown[] = [];
  let values = source.values;
  for (;;) {
    const result = v.safeParse(serveSchema, values);
    if (result.success) return { values: result.output, problems, invalid };
    problems.push(...result.issues.map((issue) => problemIn(source, issue)));
    const keys = result.issues.map(({ path }) => path?.[0]?.key);
    // The file is not an object.
    if (keys.includes(undefined)) return { values: {}, problems, invalid: serveKeys };
    invalid.push(...keys);
    // The schema reports only the first unknown key, so the rest is checked again.
    values = Object.fromEntries(
      Object.entries(values as object).filter(([key]) => !keys.includes(key)),
    );
  }
}

function problemIn(source: Source, issue: v.BaseIssue<unknown>): ConfigError {
  const nested = (issue.path ?? []).length > 1;
  const { keyPath, sentence } = problemOf(issue, nested ? Object.keys(errorCodes) : serveKeys);
  const [key] = keyPath;
  if (key === 'adminToken') {
    return new ConfigError(`${source.place(keyPath)}: adminToken is ***; allowed: ${tokenAllowed}`);
  }
  const isMasked = ['validator', 'admin', 'adminPublicUrl', 'listen', 'otlp'].includes(String(key));
  const shown = isMasked ? sentence.replace(/\/\/[^/?#"]*@/, '//***@') : sentence;
  return new ConfigError(`${source.place(keyPath)}: ${shown}`);
}
