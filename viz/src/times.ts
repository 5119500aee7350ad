/** A moment of the day, to the millisecond, in the reader's own time zone. */
export function timeOfDay(at: number): string {
  const time = new Date(at);
  const two = (value: number) => String(value).padStart(2, '0');
  const seconds = `${two(time.getSeconds())}.${String(time.getMilliseconds()).padStart(3, '0')}`;
  return `${two(time.getHours())}:${two(time.getMinutes())}:${seconds}`;
}

const grouped = new Intl.NumberFormat('en');

/** A number with its thousands set apart. */
export function counted(value: number): string {
  return grouped.format(value);
}
