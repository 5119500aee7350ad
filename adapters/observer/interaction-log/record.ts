/** A record after its time stamp. */
export interface LogRecord {
  /** Five digits, or null. */
  readonly id: string | null;
  readonly text: string;
}

const full = /^\S+ \S+ \S+ GCTI-\d{2}-(\d{5}) ?(.*)$/;

/**
 * The number and the text of a record: `Trc 04520 text`, `04520 text`, `Trc host application GCTI-00-04520 text`, or text alone.
 * @param end index of the end of the time stamp.
 */
export function recordOf(line: string, end: number): LogRecord {
  let start = end + 1;
  if (isNumber(line, start))
    return { id: line.slice(start, start + 5), text: line.slice(start + 6) };
  // The level may be any word: sites configure their own.
  const blank = line.indexOf(' ', start);
  if (blank < 0 || blank - start > 12) return { id: null, text: line.slice(start) };
  start = blank + 1;
  if (isNumber(line, start))
    return { id: line.slice(start, start + 5), text: line.slice(start + 6) };
  if (line.includes('GCTI-', start)) {
    const [, id, text] = full.exec(line.slice(end + 1)) ?? [];
    if (id !== undefined && text !== undefined) return { id, text };
  }
  return { id: null, text: line.slice(end + 1) };
}

/** Exactly five digits. */
function isNumber(line: string, at: number): boolean {
  for (let index = at; index < at + 5; index += 1) {
    const digit = line.charCodeAt(index) - 48;
    if (!(digit >= 0 && digit <= 9)) return false;
  }
  const next = line.charCodeAt(at + 5);
  return next === 32 || Number.isNaN(next);
}
