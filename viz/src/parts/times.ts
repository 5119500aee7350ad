/** A moment of the day, to the second or to the millisecond, in the reader's own time zone. */
export function timeOfDay(at: number, toMilliseconds = false): string {
  const time = new Date(at);
  const parts = [time.getHours(), time.getMinutes(), time.getSeconds()];
  const seconds = parts.map((part) => String(part).padStart(2, '0')).join(':');
  return toMilliseconds ? `${seconds}.${String(time.getMilliseconds()).padStart(3, '0')}` : seconds;
}

/** The same moment for everyone, to be shown beside a local time: `2026-11-29T12:33:14.000Z (UTC)`. */
export function utcTime(at: number): string {
  const time = new Date(at);
  // A recording may contain a number that is not a time.
  return Number.isNaN(time.getTime()) ? '' : `${time.toISOString()} (UTC)`;
}

/** Date and time to the millisecond, in the reader's own time zone. */
export function localTime(at: number): string {
  const time = new Date(at);
  const two = (part: number) => String(part).padStart(2, '0');
  const date = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  return `${date} ${timeOfDay(at, true)}`;
}

const grouped = new Intl.NumberFormat('en');

/** A number with its thousands set apart. */
export function counted(value: number): string {
  return grouped.format(value);
}
