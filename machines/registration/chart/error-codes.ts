/** An error code, and whether a client should retry after it. */
export interface ErrorCode {
  /** The number on the wire. A site may use other numbers. */
  readonly number: number;
  /**
   * Whether the cause can go away without a change at the client. A client retries a registration that failed with a transient error and
   * gives up after any other.
   */
  readonly isTransient: boolean;
  /** The meaning, for people. */
  readonly description: string;
}

/**
 * The errors of an EventError, the one table that the client, the server and docs/protocol.md share. The names are stable. The numbers
 * are this project's own: Genesys's error table is not public.
 */
export const errorTable = {
  'not-registered': {
    number: 1,
    isTransient: false,
    description: 'the client sent another message before it registered',
  },
  'invalid-client': {
    number: 2,
    isTransient: false,
    description: 'the validator rejected the client',
  },
  'malformed-request': {
    number: 3,
    isTransient: false,
    description: 'RequestRegisterClient lacks an attribute or has an invalid one',
  },
  'already-registered': {
    number: 4,
    isTransient: false,
    description: 'the client registered again on a registered connection',
  },
  'malformed-frame': {
    number: 5,
    isTransient: false,
    description: 'the client sent an invalid frame',
  },
  'server-busy': {
    number: 6,
    isTransient: true,
    description: 'the server has reached a limit',
  },
  'shutting-down': {
    number: 7,
    isTransient: true,
    description: 'the server is shutting down',
  },
  'validation-failed': {
    number: 8,
    isTransient: true,
    description: 'the validator failed or did not answer in time',
  },
  'name-in-use': {
    number: 9,
    isTransient: true,
    description: 'the maximum number of sessions with this name is registered',
  },
  'internal-error': {
    number: 10,
    isTransient: true,
    description: 'the service failed while it handled the message',
  },
  'session-replaced': {
    number: 11,
    isTransient: false,
    description: 'another connection registered with the same name and replaced this one',
  },
  'registration-revoked': {
    number: 12,
    isTransient: false,
    description: 'the registered client is no longer valid',
  },
  'invalid-attribute': {
    number: 13,
    isTransient: false,
    description: 'a message of a registered client lacks an attribute or has an invalid one',
  },
  kicked: {
    number: 14,
    isTransient: false,
    description:
      'an operator disconnected the client; with retryAfter it may come back after that time',
  },
} as const satisfies Readonly<Record<string, ErrorCode>>;

/** The stable name of an error code; docs/protocol.md has a heading for each. */
export type ErrorName = keyof typeof errorTable;

/** Every error name with the number that goes on the wire. */
export type ErrorCodes = Readonly<Record<ErrorName, number>>;

/** The numbers of this project, by error name. */
export const errorCodes = Object.fromEntries(
  Object.entries(errorTable).map(([name, { number }]) => [name, number]),
) as { readonly [Name in ErrorName]: (typeof errorTable)[Name]['number'] };

/** The stable name behind a number, or null when the number is not one of `codes`. */
export function errorNameOf(code: number, codes: ErrorCodes = errorCodes): ErrorName | null {
  const entry = Object.entries(codes).find(([, number]) => number === code);
  return entry ? (entry[0] as ErrorName) : null;
}

/**
 * Whether a client may retry after this error. An unknown error (null) is final. A kicked client comes back only when the server told it how
 * long to stay away.
 * @param retryAfter the milliseconds that came with the error. @default none
 */
export function isTransientError(
  name: ErrorName | null,
  retryAfter: number | null = null,
): boolean {
  if (name === 'kicked') return retryAfter !== null;
  return name !== null && errorTable[name].isTransient;
}
