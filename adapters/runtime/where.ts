/** `FIELD OP VALUE`: one condition on a field of a row, e.g. of a session. */
import { duration, InvalidValueError } from './quantities.js';
import { onDay, timeSpan, timeText } from './times.js';

/** A time is in milliseconds since 1970. A field that is null has no value. */
export type FieldKind = 'text' | 'number' | 'milliseconds' | 'time' | 'list';

/** A field that conditions may name. */
export interface WhereField<Row> {
  readonly kind: FieldKind;
  of(row: Row): unknown;
}

/** The fields by their names. */
export type WhereFields<Row> = Readonly<Record<string, WhereField<Row>>>;

/** @param day a time on the day that a time without a date refers to, in milliseconds since 1970 */
export type Condition<Row> = (row: Row, day: number) => boolean;

// Longer operators first: `<=` begins with `<`.
const operators = ['!=', '<=', '>=', '=', '<', '>', '~'] as const;
type Operator = (typeof operators)[number];

/** Longer conditions are cut, so that an error text stays short. */
const maxLength = 2_000;

/**
 * Parses a condition.
 * @param option the option or argument that it is given with, e.g. `--where`
 * @param example a condition on one of the fields, for the error text
 * @throws {InvalidValueError} with the field, its value and what is allowed
 */
export function conditionFrom<Row>(
  option: string,
  text: string,
  fields: WhereFields<Row>,
  example: string,
): Condition<Row> {
  const [, name = '', operator, given = ''] =
    /^\s*([\w.]+)\s*(!=|<=|>=|=|<|>|~)\s*(.*?)\s*$/s.exec(text.slice(0, maxLength)) ?? [];
  if (operator === undefined) {
    throw new InvalidValueError(
      `${option} is ${JSON.stringify(text.slice(0, maxLength))}; allowed: FIELD OP VALUE with one of ${operators.join(' ')}, e.g. '${example}'`,
    );
  }
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (!field) {
    throw new InvalidValueError(
      `${option} asks for ${JSON.stringify(name)}; allowed: ${Object.keys(fields).join(', ')}`,
    );
  }
  return condition(option, name, field, operator as Operator, given);
}

function condition<Row>(
  option: string,
  name: string,
  { kind, of }: WhereField<Row>,
  operator: Operator,
  given: string,
): Condition<Row> {
  if (operator === '~') {
    const wanted = given.toLowerCase();
    const written = kind === 'time' ? (row: Row) => timeOrNull(of(row)) : of;
    return (row) => texts(written(row)).some((text) => text.toLowerCase().includes(wanted));
  }
  if (given === 'null' && (operator === '=' || operator === '!=')) {
    return (row) => (of(row) === null) === (operator === '=');
  }
  if (kind === 'time') return timeCondition(`${option} ${name}`, of, operator, given);
  if (kind === 'number' || kind === 'milliseconds') {
    const wanted = numberFrom(`${option} compares ${name}`, given, kind === 'milliseconds');
    return (row) => holds(of(row) as number | null, operator, wanted);
  }
  if (operator === '!=') return (row) => !texts(of(row)).includes(given);
  return (row) => texts(of(row)).some((text) => holds(text, operator, given));
}

/** An incomplete time is a span: `start=2026-03-02` is the whole day. */
function timeCondition<Row>(
  option: string,
  of: (row: Row) => unknown,
  operator: Operator,
  given: string,
): Condition<Row> {
  const span = timeSpan(option, given);
  return (row, day) => {
    const at = of(row) as number | null;
    if (at === null) return operator === '!=';
    const { from, to } = onDay(span, day);
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

function timeOrNull(at: unknown): string | null {
  return at === null ? null : timeText(at as number, 'T');
}

function texts(value: unknown): string[] {
  if (value === null) return [];
  return Array.isArray(value) ? value.map(String) : [String(value)];
}

function numberFrom(compares: string, given: string, isTime: boolean): number {
  if (/^-?\d+(\.\d+)?$/.test(given)) return Number(given);
  if (isTime) {
    try {
      return duration(given, { min: '0ms', max: '365d' });
    } catch (error) {
      if (!(error instanceof InvalidValueError)) throw error;
    }
  }
  throw new InvalidValueError(
    `${compares} with ${JSON.stringify(given)}; allowed: ${isTime ? 'milliseconds such as 1000, or a duration such as 5s' : 'a number'}, or null`,
  );
}
