import type { WireMessage } from '../../machines/registration/chart/messages.js';
import type { Redact } from '../../machines/registration/session/redaction.js';
import { pathOf, type StandardIssue } from '../runtime/standard-schema.js';

/** Maximum length of the text of a schema, and of the path of an attribute, in characters. */
const [maxText, maxPath] = [200, 80];

/**
 * The first issue of a schema in words. Schemas may quote the value that they reject, and the text is recorded, so the issue of a value
 * that is masked in step records has no text.
 */
export function issueText(
  issues: readonly StandardIssue[],
  message: WireMessage,
  redact: Redact,
): string {
  const [issue] = issues;
  const path = issue ? pathOf(issue) : [];
  const of = path.length === 0 ? '' : `attribute ${cut(path.map(String).join('.'), maxPath)} of `;
  const value = valueAt(message, path);
  if (value === undefined) return `${of}${message.messageName} is missing`;
  const isMasked = !areSame(value, valueAt(redact(message), path));
  const why = isMasked || !issue?.message ? '' : `: ${cut(issue.message, maxText)}`;
  return `${of}${message.messageName} is invalid${why}`;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce((part, key) => (part as Record<PropertyKey, unknown> | null)?.[key], value);
}

function areSame(one: unknown, other: unknown): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}
