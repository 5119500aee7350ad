/**
 * What an EventError says. The names are stable; the numbers are this project's own (Genesys's error
 * table is not public) and a site may re-number them.
 */
export const errorCodes = {
  'not-registered': 1,
  'invalid-client': 2,
  'malformed-request': 3,
  'already-registered': 4,
  'malformed-frame': 5,
  'server-busy': 6,
  'shutting-down': 7,
  'validation-failed': 8,
} as const;

/** The stable name of an error code; docs/protocol.md has a heading for each. */
export type ErrorName = keyof typeof errorCodes;

/** Every error name with the number that goes on the wire. */
export type ErrorCodes = Readonly<Record<ErrorName, number>>;

/** The name behind a number, or null when the number is not one of `codes`. */
export function errorNameOf(code: number, codes: ErrorCodes = errorCodes): ErrorName | null {
  const entry = Object.entries(codes).find(([, number]) => number === code);
  return entry ? (entry[0] as ErrorName) : null;
}
