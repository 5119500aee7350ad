/** A moment of the day, to the second, in the reader's own time zone. */
export function timeOfDay(at: number): string {
  const time = new Date(at);
  return [time.getHours(), time.getMinutes(), time.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
}

const grouped = new Intl.NumberFormat('en');

/** A number with its thousands set apart. */
export function counted(value: number): string {
  return grouped.format(value);
}
