/** A chart cannot be explored: it is not finite, or a guard of it cannot be evaluated. */
export class NotFiniteError extends Error {
  override readonly name = 'NotFiniteError';
  readonly code = 'NOT_FINITE';
  /** The guards of the chart, as `name (state, event)`; those that read data which goes on changing are among them. */
  readonly guards: readonly string[];

  constructor(message: string, guards: readonly string[], options?: ErrorOptions) {
    super(message, options);
    this.guards = guards;
  }
}
