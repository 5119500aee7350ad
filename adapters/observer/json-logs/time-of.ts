const written =
  /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d)?(?:[.,](\d{1,9}))? ?(?:(Z)|([+-]\d\d):?(\d\d))?$/i;

/** Numbers from here on are milliseconds, then microseconds, then nanoseconds: seconds reach this in the year 5138. */
const units = [1e11, 1e14, 1e17] as const;

/** The latest time in JavaScript, in milliseconds since 1970. */
const latest = 8.64e15;

/**
 * Parses a time to milliseconds since 1970: ISO 8601, or a number since 1970, also as text; its size shows whether it is in seconds, milliseconds
 * or smaller units. Without a zone it is read as UTC. Null when it is not a time.
 */
export function timeOf(value: unknown): number | null {
  if (typeof value === 'number') return sinceEpoch(value);
  if (typeof value !== 'string') return null;
  if (/^\d{1,20}(?:\.\d{1,9})?$/.test(value)) return sinceEpoch(Number(value));
  const parts = written.exec(value);
  if (!parts) return null;
  const [, date, minutes, seconds = ':00', fraction = '0', , hours, rest] = parts;
  const zone = hours === undefined ? 'Z' : `${hours}:${rest}`;
  const at = Date.parse(`${date}T${minutes}${seconds}${zone}`);
  return Number.isNaN(at) ? null : at + Number(fraction.padEnd(9, '0')) / 1e6;
}

function sinceEpoch(value: number): number | null {
  if (!Number.isFinite(value) || value < 0) return null;
  const [milliseconds, microseconds, nanoseconds] = units;
  if (value < milliseconds) return value * 1_000;
  if (value < microseconds) return value;
  const at = value < nanoseconds ? value / 1_000 : value / 1e6;
  return at <= latest ? at : null;
}
