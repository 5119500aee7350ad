/** `--where` of `ixgate analyze`: the fields of a session, named as in the JSON output. */
import {
  type Condition,
  conditionFrom,
  type FieldKind,
  type WhereFields,
} from '../../runtime/where.js';
import type { SessionFields } from './session-fields.js';

/** A time without a date refers to the day of the first session. */
export type SessionCondition = Condition<SessionFields>;

/** The fields of conditions with their types. */
const kinds = {
  session: 'text',
  client: 'text',
  clientType: 'text',
  mediaType: 'text',
  proxy: 'text',
  proxyClientId: 'number',
  verdict: 'text',
  words: 'text',
  figure: 'text',
  start: 'time',
  end: 'time',
  startedAt: 'number',
  elapsed: 'milliseconds',
  answeredAfter: 'milliseconds',
  registeredAfter: 'milliseconds',
  registrationDeadline: 'milliseconds',
  rejectionDeadline: 'milliseconds',
  reason: 'text',
  ended: 'text',
  errors: 'number',
  'error.code': 'number',
  'error.text': 'text',
  missing: 'text',
  inferred: 'list',
  findings: 'number',
  steps: 'number',
  server: 'text',
  format: 'text',
  file: 'text',
  line: 'number',
  lastFile: 'text',
  lastLine: 'number',
} as const satisfies Readonly<Record<string, FieldKind>>;
type Field = keyof typeof kinds;
export const whereFields = Object.keys(kinds) as Field[];

/** The fields whose value is not that of the key. */
const special: Partial<Record<Field, (session: SessionFields) => unknown>> = {
  start: ({ startedAt }) => startedAt,
  end: ({ end }) => (end === null ? null : Date.parse(`${end}Z`)),
  'error.code': ({ error }) => error?.code ?? null,
  'error.text': ({ error }) => error?.text ?? null,
};

const fields = Object.fromEntries(
  whereFields.map((field) => {
    const of = special[field] ?? ((session) => session[field as keyof SessionFields]);
    return [field, { kind: kinds[field], of }];
  }),
) as WhereFields<SessionFields>;

/** @throws {InvalidValueError} */
export function sessionCondition(text: string): SessionCondition {
  return conditionFrom('--where', text, fields, 'answeredAfter>1000');
}
