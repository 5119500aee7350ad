/** The root of every error ixgate throws: a stable `code` to test for, a message for people. */
export class IxgateError extends Error {
  override readonly name: string = 'IxgateError';
  readonly code: string;
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
