/** Times of a log have no zone: they are read and written as UTC. */
import { InvalidValueError } from './quantities.js';

/** A span of time in milliseconds since 1970, both ends included; with `isOfDay` in milliseconds since midnight. */
export interface TimeSpan {
  readonly from: number;
  readonly to: number;
  readonly isOfDay: boolean;
}

const day = 86_400_000;
const forms =
  '2026-03-02 08:00:01.100, 2026-03-02T08:00:01.100Z, with less of the time or none of it, or 08:00 and 08:00:01 of the first day';
const date = /^(\d{4})-(\d{2})-(\d{2})$/;
const clock = /^(\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,3}))?)?(Z|[+-]\d{2}:?\d{2})?$/;

/** Formats a time, e.g. `2026-03-02 08:00:01.100`. @param between separator of date and time */
export function timeText(at: number, between = ' '): string {
  const time = new Date(at);
  return Number.isNaN(time.getTime()) ? '-' : time.toISOString().replace('T', between).slice(0, -1);
}

/**
 * Parses a time. A time without seconds is a span: `08:00` is the whole minute.
 * @throws {InvalidValueError}
 */
export function timeSpan(option: string, text: string): TimeSpan {
  const [first = '', second, ...rest] = text.trim().split(/[ T]/);
  const onlyClock = second === undefined && first.includes(':');
  const midnight = onlyClock ? 0 : midnightOf(first);
  const time = onlyClock ? first : second;
  const span = time === undefined ? { from: 0, length: day } : clockSpan(time);
  // A time without a date cannot have a zone: its day is that of the log.
  if (rest.length > 0 || midnight === null || span === null || (onlyClock && 'zoned' in span)) {
    throw new InvalidValueError(`${option} is ${JSON.stringify(text)}; allowed: ${forms}`);
  }
  const from = midnight + span.from;
  return { from, to: from + span.length - 1, isOfDay: onlyClock };
}

/** Adds the day to a span of a day. @param of a time on that day, milliseconds since 1970 */
export function onDay({ from, to, isOfDay }: TimeSpan, of: number): { from: number; to: number } {
  const midnight = isOfDay ? Math.floor(of / day) * day : 0;
  return { from: midnight + from, to: midnight + to };
}

function midnightOf(text: string): number | null {
  const [, year, month, dayOfMonth] = date.exec(text) ?? [];
  const at = Date.UTC(Number(year), Number(month) - 1, Number(dayOfMonth));
  // Rejects dates such as 31 February.
  return Number.isNaN(at) || !timeText(at).startsWith(text) ? null : at;
}

function clockSpan(text: string) {
  const [, hour, minute, second, fraction, zone] = clock.exec(text) ?? [];
  if (hour === undefined || Number(hour) > 23 || Number(minute) > 59 || Number(second ?? 0) > 59) {
    return null;
  }
  const whole = (Number(hour) * 60 + Number(minute)) * 60_000 + Number(second ?? 0) * 1_000;
  const from = whole + Number((fraction ?? '').padEnd(3, '0'));
  const length = fraction !== undefined ? 1 : second === undefined ? 60_000 : 1_000;
  return zone === undefined
    ? { from, length }
    : { from: from - offsetOf(zone), length, zoned: true };
}

function offsetOf(zone: string): number {
  if (zone === 'Z') return 0;
  const [, sign, hours, minutes] = /^([+-])(\d{2}):?(\d{2})$/.exec(zone) ?? [];
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}
