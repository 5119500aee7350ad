import * as v from 'valibot';
import type { ViewerMessage } from '../../machines/registration/session/feed.js';

const session = v.pipe(
  v.string('session must be text'),
  v.nonEmpty('session must not be empty'),
  v.maxLength(200, 'session must have 200 characters at most'),
);
const seq = v.pipe(
  v.number('after must be a whole number, 0 or more'),
  v.safeInteger('after must be a whole number, 0 or more'),
  v.minValue(0, 'after must be a whole number, 0 or more'),
);
const schema = v.variant(
  'type',
  [
    v.object({ type: v.literal('list') }),
    v.object({ type: v.literal('watch'), session, after: seq }),
    v.object({ type: v.literal('unwatch'), session }),
    v.object({ type: v.literal('ping') }),
  ],
  'type must be list, watch, unwatch or ping',
);

/** Parses a message of a viewer; returns the message or its problem. Unknown attributes are ignored. */
export function readViewerMessage(
  text: string,
):
  | { readonly message: ViewerMessage; readonly problem?: never }
  | { readonly problem: string; readonly message?: never } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { problem: 'the message is not JSON' };
  }
  const result = v.safeParse(schema, value);
  if (result.success) return { message: result.output };
  const [issue] = result.issues;
  if (issue.path === undefined) return { problem: 'the message is not a JSON object' };
  const { key, value: given } = issue.path[0];
  return { problem: given === undefined ? `${String(key)} is missing` : issue.message };
}
