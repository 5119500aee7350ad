/** The milliseconds of a duration as options have it, such as 500ms or 5s. */
export function milliseconds(text: string): number {
  const [, number, unit] = /^(\d+)(ms|s|m)$/.exec(text) ?? [];
  const factor = { ms: 1, s: 1_000, m: 60_000 }[unit ?? ''];
  if (factor === undefined) throw new Error(`invalid duration "${text}"`);
  return Number(number) * factor;
}
