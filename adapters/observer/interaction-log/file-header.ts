import type { Inference } from '../../../machines/registration/session/marks.js';
import { dayOf } from './time-stamp.js';

const day = 86_400_000;

/** The header of a log before its first record. */
export interface FileHeader {
  readonly application: string | null;
  readonly applicationType: string | null;
  readonly host: string | null;
  /** The number of the file since the server's start, from 1; null when unknown. */
  readonly number: number | null;
  /** Wall clock of the server's start in the time of the log; null when unknown. */
  readonly localStart: number | null;
  /** The same in UTC. */
  readonly utcStart: number | null;
  /** Whether the log uses UTC. */
  readonly isUtc: boolean;
}

const line = /^([A-Z][A-Za-z ()]{1,40}):\s*(.*)$/;
const dateAndTime = /^(\d{4}[-/]\d{2}[-/]\d{2}|\d{2}\/\d{2}\/\d{2,4})[T ](\d{2}):(\d{2}):(\d{2})/;

/** Collects the lines of a header. */
export class HeaderReader {
  readonly #values = new Map<string, string>();

  /** @returns whether the line belongs to a header. */
  take(text: string): boolean {
    const [, key, value] = line.exec(text) ?? [];
    if (key === undefined || value === undefined) return false;
    if (this.#values.size < 100) this.#values.set(key.toLowerCase(), value.trim());
    return true;
  }

  get header(): FileHeader {
    const value = (...keys: string[]) =>
      keys.map((key) => this.#values.get(key)).find((found) => found !== undefined) ?? null;
    const [, number] = /^\((\d{1,9})\)/.exec(value('file') ?? '') ?? [];
    const zone = value('time zone');
    return {
      application: value('application name'),
      applicationType: value('application type'),
      host: value('host name'),
      number: number === undefined ? null : Number(number),
      localStart: momentOf(value('local time', 'start time (local)', 'local start time')),
      utcStart: momentOf(value('start time (utc)', 'utc start time')),
      isUtc: zone === null || /^[+-]?0+\b/.test(zone),
    };
  }
}

function momentOf(text: string | null): number | null {
  const [, date, hours, minutes, seconds] = dateAndTime.exec(text ?? '') ?? [];
  const onDay = date === undefined ? null : dayOf(date);
  if (onDay === null) return null;
  return onDay + (Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds)) * 1_000;
}

/** The day of a file's first record, and how it was inferred. */
export interface FirstDay {
  readonly day: number;
  readonly inferred: Inference | null;
}

/**
 * The day of a record that has no date.
 * @param time of the first record, milliseconds since midnight.
 * @param name of the file, or null.
 */
export function firstDayOf(header: FileHeader, time: number, name: string | null): FirstDay {
  const { localStart, utcStart, isUtc } = header;
  const start = localStart ?? (isUtc ? utcStart : null);
  if (start !== null) return { day: nearestDay(start, time), inferred: null };
  // The day nearest to the start in another zone: zones differ by at most 14 hours.
  if (utcStart !== null) return { day: nearestDay(utcStart, time), inferred: 'date' };
  const [, year, month, date] =
    /\b((?:19|20)\d{2})[-_.]?(\d{2})[-_.]?(\d{2})(?!\d)/.exec(name?.replaceAll('_', '.') ?? '') ??
    [];
  const named = year === undefined ? null : dayOf(`${year}-${month}-${date}`);
  if (named !== null) return { day: named, inferred: 'date' };
  return { day: 0, inferred: 'no-date' };
}

/** The first record is written when the file is created: shortly after the start, perhaps after midnight. */
function nearestDay(start: number, time: number): number {
  const startDay = Math.floor(start / day) * day;
  const distance = (at: number) => Math.abs(at + time - start);
  return [startDay - day, startDay, startDay + day].reduce((best, one) =>
    distance(one) < distance(best) ? one : best,
  );
}
