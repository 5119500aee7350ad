/** `--where 'FIELD OP VALUE'`: one condition on a field of a session, named as in the JSON output. */
import { duration, InvalidValueError } from '../../config/quantities.js';
import { UsageError } from '../exit-codes.js';
import type { SessionFields } from './session-fields.js';
import { onDay, timeSpan } from './times.js';

/** @param firstAt the start of the first session; a time without a date refers to its day */
export type Condition = (session: SessionFields, firstAt: number) => boolean;

type Kind = 'text' | 'number' | 'milliseconds' | 'time' | 'list';

/** The fields of conditions with their types. */
const fields = {
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
} as const satisfies Readonly<Record<string, Kind>>;
type Field = keyof typeof fields;
export const whereFields = Object.keys(fields) as Field[];

// Longer operators first: `<=` begins with `<`.
const operators = ['!=', '<=', '>=', '=', '<', '>', '~'] as const;
type Operator = (typeof operators)[number];

/** @throws {UsageError} */
export function conditionFrom(text: string): Condition {
  const [, name = '', operator, given = ''] =
    /^\s*([\w.]+)\s*(!=|<=|>=|=|<|>|~)\s*(.*?)\s*$/s.exec(text.slice(0, 2_000)) ?? [];
  if (operator === undefined) {
    throw new UsageError(
      `--where is ${JSON.stringify(text)}; allowed: FIELD OP VALUE with one of ${operators.join(' ')}, e.g. 'answeredAfter>1000'`,
    );
  }
  if (!Object.hasOwn(fields, name)) {
    throw new UsageError(
      `--where asks for ${JSON.stringify(name)}; allowed: ${whereFields.join(', ')}`,
    );
  }
  return condition(name as Field, operator as Operator, given);
}

function condition(field: Field, operator: Operator, given: string): Condition {
  const value = fieldOf(field);
  const kind: Kind = fields[field];
  if (operator === '~') {
    const wanted = given.toLowerCase();
    return (session) => texts(value(session)).some((text) => text.toLowerCase().includes(wanted));
  }
  if (given === 'null' && (operator === '=' || operator === '!=')) {
    return (session) => (value(session) === null) === (operator === '=');
  }
  if (kind === 'time') return timeCondition(field as 'start' | 'end', operator, given);
  if (kind === 'number' || kind === 'milliseconds') {
    const wanted = numberFrom(field, given, kind === 'milliseconds');
    return (session) => holds(value(session) as number | null, operator, wanted);
  }
  if (operator === '!=') return (session) => !texts(value(session)).includes(given);
  return (session) => texts(value(session)).some((text) => holds(text, operator, given));
}

/** An incomplete time is a span: `start=2026-03-02` is the whole day. */
function timeCondition(field: 'start' | 'end', operator: Operator, given: string): Condition {
  const span = timeSpan(`--where ${field}`, given);
  return (session, firstAt) => {
    const at = field === 'start' ? session.startedAt : endOf(session);
    if (at === null) return operator === '!=';
    const { from, to } = onDay(span, firstAt);
    switch (operator) {
      case '<':
        return at < from;
      case '<=':
        return at <= to;
      case '>':
        return at > to;
      case '>=':
        return at >= from;
      default:
        return (at >= from && at <= to) === (operator === '=');
    }
  };
}

const endOf = ({ end }: SessionFields): number | null =>
  end === null ? null : Date.parse(`${end}Z`);

function holds<Value extends number | string>(
  value: Value | null,
  operator: Operator,
  wanted: Value,
): boolean {
  // For null, only `!=` holds.
  if (value === null) return operator === '!=';
  switch (operator) {
    case '=':
      return value === wanted;
    case '!=':
      return value !== wanted;
    case '<':
      return value < wanted;
    case '<=':
      return value <= wanted;
    case '>':
      return value > wanted;
    default:
      return value >= wanted;
  }
}

function fieldOf(field: Field): (session: SessionFields) => unknown {
  if (field === 'error.code') return ({ error }) => error?.code ?? null;
  if (field === 'error.text') return ({ error }) => error?.text ?? null;
  return (session) => session[field];
}

function texts(value: unknown): string[] {
  if (value === null) return [];
  return Array.isArray(value) ? value.map(String) : [String(value)];
}

function numberFrom(field: Field, given: string, isTime: boolean): number {
  if (/^-?\d+(\.\d+)?$/.test(given)) return Number(given);
  if (isTime) {
    try {
      return duration(given, { min: '0ms', max: '365d' });
    } catch (error) {
      if (!(error instanceof InvalidValueError)) throw error;
    }
  }
  throw new UsageError(
    `--where compares ${field} with ${JSON.stringify(given)}; allowed: ${isTime ? 'milliseconds such as 1000, or a duration such as 5s' : 'a number'}, or null`,
  );
}
