/** The kind of a value for an error that must not show the value: the name of its class, else its type; `null` and `undefined` as they are. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return (value as object).constructor?.name ?? typeof value;
}
