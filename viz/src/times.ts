/** A moment of the day, to the second, in the reader's own time zone. */
export function timeOfDay(at: number): string {
  const time = new Date(at);
  return [time.getHours(), time.getMinutes(), time.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
}

/** Date and time to the millisecond, in the reader's own time zone. */
export function localTime(at: number): string {
  const time = new Date(at);
  const two = (part: number) => String(part).padStart(2, '0');
  const date = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  return `${date} ${timeOfDay(at)}.${String(time.getMilliseconds()).padStart(3, '0')}`;
}

const grouped = new Intl.NumberFormat('en');

/** A number with its thousands set apart. */
export function counted(value: number): string {
  return grouped.format(value);
}
