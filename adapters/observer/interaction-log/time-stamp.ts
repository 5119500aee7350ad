/** Time stamps at the beginning of a log line, in all known forms. Source: the documented patterns of the logs. */

const day = 86_400_000;

/** The result for two characters that are not digits. */
const none = -1;

function two(line: string, at: number): number {
  const tens = line.charCodeAt(at) - 48;
  const ones = line.charCodeAt(at + 1) - 48;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : none;
}

/** A parsed time stamp. */
export interface Stamp {
  /** The day in milliseconds since 1970, read as UTC; null when the stamp has no date. */
  readonly day: number | null;
  /** Milliseconds since midnight. */
  readonly time: number;
  /** Index of the text after the stamp. */
  readonly end: number;
}

/** The reason why a line that looks like a stamp is not one. */
export type BadStamp = 'impossible';

/** Parses stamps. It caches the last day, which is nearly always that of the next line. */
export class StampReader {
  #dayText = '';
  #day = 0;

  /** The stamp at the beginning of a line; null without a stamp, `impossible` for an invalid time. */
  read(line: string): Stamp | BadStamp | null {
    const first = line.charCodeAt(0);
    if (first < 48 || first > 57) return null;
    if (line.charCodeAt(2) === 58) return withTime(line, 0, null);
    const length = dateLength(line);
    if (length === 0) return null;
    const separator = line.charCodeAt(length);
    // A blank or a T.
    if (separator !== 32 && separator !== 84) return null;
    const date = line.slice(0, length);
    if (date !== this.#dayText) {
      const read = dayOf(date);
      if (read === null) return 'impossible';
      this.#day = read;
      this.#dayText = date;
    }
    return withTime(line, length + 1, this.#day);
  }
}

/** Length of the date at the beginning of a line, 0 without one: `yyyy-MM-dd`, `yyyy/MM/dd`, `MM/dd/yyyy`, `MM/dd/yy`. */
function dateLength(line: string): number {
  const fifth = line.charCodeAt(4);
  if ((fifth === 45 || fifth === 47) && line.charCodeAt(7) === fifth) return 10;
  if (line.charCodeAt(2) !== 47 || line.charCodeAt(5) !== 47) return 0;
  const ninth = line.charCodeAt(8);
  return ninth >= 48 && ninth <= 57 ? 10 : 8;
}

/** `HH:mm:ss.SSS`; the milliseconds may be missing. */
function withTime(line: string, at: number, onDay: number | null): Stamp | BadStamp | null {
  const hours = two(line, at);
  const minutes = two(line, at + 3);
  const seconds = two(line, at + 6);
  const isTime =
    hours !== none &&
    minutes !== none &&
    seconds !== none &&
    line.charCodeAt(at + 2) === 58 &&
    line.charCodeAt(at + 5) === 58;
  if (!isTime) return null;
  if (hours > 23 || minutes > 59 || seconds > 60) return 'impossible';
  let end = at + 8;
  let milliseconds = 0;
  const point = line.charCodeAt(end);
  if (point === 46 || point === 44) {
    const tens = two(line, end + 1);
    const ones = line.charCodeAt(end + 3) - 48;
    if (tens === none || !(ones >= 0 && ones <= 9)) return null;
    milliseconds = tens * 10 + ones;
    end += 4;
  }
  const time = hours * 3_600_000 + minutes * 60_000 + seconds * 1_000 + milliseconds;
  return { day: onDay, time, end };
}

/** Parses a date in one of the forms; null for an invalid one. */
export function dayOf(date: string): number | null {
  const parts = date.split(/[-/]/).map(Number);
  const [one = 0, two = 0, three = 0] = parts;
  const [year, month, dayOfMonth] =
    one > 31 ? [one, two, three] : [three < 100 ? 2_000 + three : three, one, two];
  const read = Date.UTC(year, month - 1, dayOfMonth);
  const there = new Date(read);
  const isThere = there.getUTCMonth() === month - 1 && there.getUTCDate() === dayOfMonth;
  return isThere && year >= 1_970 ? read : null;
}

/** Assigns days to times without a date: from a first day on, over each midnight. */
export class Calendar {
  #day: number;
  #last = none;

  constructor(firstDay: number) {
    this.#day = firstDay;
  }

  /** @param time milliseconds since midnight. @returns milliseconds since 1970. */
  at(time: number): number {
    const last = this.#last;
    // A delayed thread may write a line of the previous day just after midnight.
    if (last !== none && last < 60_000 && time > day - 60_000) return this.#day - day + time;
    // A step back by twelve hours or more is midnight; a smaller one is a corrected clock or concurrent threads.
    if (last !== none && last - time > day / 2) this.#day += day;
    this.#last = time;
    return this.#day + time;
  }
}
