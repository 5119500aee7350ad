/** The root of every error ixgate throws: a stable `code` to test for, a message for people. */
export class IxgateError extends Error {
  override readonly name: string = 'IxgateError';
  readonly code: string;
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** An option that cannot be used. */
export class OptionError extends IxgateError {
  override readonly name = 'OptionError';
  constructor(
    readonly option: string,
    readonly value: unknown,
    allowed: string,
  ) {
    super('BAD_OPTION', `option ${option}: expected ${allowed}, not ${shown(value)}`);
  }
}

/** An unknown option. Its value is not shown: it may be a secret. */
export class UnknownOptionError extends IxgateError {
  override readonly name = 'UnknownOptionError';
  constructor(
    readonly option: string,
    /** The known option that was probably meant; null when none is near. */
    readonly nearest: string | null,
  ) {
    const hint = nearest === null ? '' : `; did you mean ${nearest}?`;
    super('UNKNOWN_OPTION', `unknown option ${option}${hint}`);
  }
}

/** What was thrown, as an error. It never throws itself: code of others throws and rejects with anything. */
export function toError(thrown: unknown): Error {
  if (thrown instanceof Error) return thrown;
  try {
    return new Error(String(thrown));
  } catch {
    return new Error(`something that is no text (${typeof thrown}) was thrown`);
  }
}

function shown(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  return JSON.stringify(value) ?? String(value);
}
