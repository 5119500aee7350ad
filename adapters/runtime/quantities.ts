/** Numbers as people write them: durations and sizes are a whole number with a unit; tuples are separated by colons. */

const durationUnits = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const sizeUnits = { B: 1, KiB: 1_024, MiB: 1_048_576 } as const;

/** An invalid value. The message may have a hint. */
export class InvalidValueError extends Error {}

export interface Range {
  /** As text, e.g. `1ms`; both ends are allowed. */
  readonly min: string;
  readonly max: string;
}

/** Reads a duration: milliseconds from `500ms`, `5s`, `1m`, `1h`, `2d`. @throws {InvalidValueError} */
export function duration(value: unknown, range: Range): number {
  return quantity(value, durationUnits, range, ['ms', 's']);
}

/** Reads a size: bytes from `512B`, `64KiB`, `1MiB`. @throws {InvalidValueError} */
export function size(value: unknown, range: Range): number {
  return quantity(value, sizeUnits, range, ['B', 'KiB']);
}

/** Reads a whole number, written as a number or as text. @throws {InvalidValueError} */
export function wholeNumber(value: unknown, min: number, max: number): number {
  const text = typeof value === 'string' ? value.trim() : '';
  const number = /^\d{1,15}$/.test(text) ? Number(text) : value;
  if (typeof number === 'number' && Number.isInteger(number) && number >= min && number <= max) {
    return number;
  }
  throw new InvalidValueError('');
}

/** Reads `count` whole numbers with colons between them. @throws {InvalidValueError} */
export function parts(value: unknown, count: number, min: number, max: number): number[] {
  const texts = typeof value === 'string' ? value.split(':') : [];
  if (texts.length !== count) throw new InvalidValueError('');
  return texts.map((text) => wholeNumber(text, min, max));
}

/** Milliseconds as people write them, in the largest unit that needs no fraction: `10s`. */
export function durationText(milliseconds: number): string {
  return textOf(milliseconds, durationUnits);
}

/** Bytes as people write them, in the largest unit that needs no fraction: `64KiB`. */
export function sizeText(bytes: number): string {
  return textOf(bytes, sizeUnits);
}

function textOf(amount: number, units: Readonly<Record<string, number>>): string {
  const [first, ...larger] = Object.entries(units);
  const fitting = larger.filter(([, factor]) => amount > 0 && amount % factor === 0);
  const [unit = '', factor = 1] = fitting.at(-1) ?? first ?? [];
  return `${amount / factor}${unit}`;
}

/** The values that `duration` allows, in words. */
export const durationsAllowed = ({ min, max }: Range) =>
  `${min} to ${max}, written like 500ms, 5s, 1m or 1h`;

/** The values that `size` allows, in words. */
export const sizesAllowed = ({ min, max }: Range) =>
  `${min} to ${max}, written like 512B, 64KiB or 1MiB`;

function quantity(
  value: unknown,
  units: Readonly<Record<string, number>>,
  { min, max }: Range,
  suggested: readonly string[],
): number {
  const text = String(value).trim();
  if (/^\d+$/.test(text)) {
    const written = suggested.map((unit) => `${text}${unit}`).join(' or ');
    throw new InvalidValueError(`it has no unit, write ${written}`);
  }
  const amount = typeof value === 'string' ? amountOf(text, units) : null;
  const within =
    amount !== null &&
    amount >= (amountOf(min, units) ?? 0) &&
    amount <= (amountOf(max, units) ?? 0);
  if (!within) throw new InvalidValueError('');
  return amount;
}

function amountOf(text: string, units: Readonly<Record<string, number>>): number | null {
  const [, count, unit = ''] = /^(\d{1,15})([A-Za-z]+)$/.exec(text) ?? [];
  const factor = Object.hasOwn(units, unit) ? units[unit] : undefined;
  return factor === undefined ? null : Number(count) * factor;
}
