/** The kind of a value for an error that must not show the value: the name of its class, else its type. */
export function kindOf(value: unknown): string {
  return (Object(value) as object).constructor?.name ?? typeof value;
}
