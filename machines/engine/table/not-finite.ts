/** A chart cannot be explored: it is not finite, or one of its guards cannot be evaluated. */
export class NotFiniteError extends Error {
  override readonly name = 'NotFiniteError';
  readonly code = 'NOT_FINITE';
  /** All guards of the chart, as `name (state, event)`. The guards that read unbounded data are among them. */
  readonly guards: readonly string[];

  constructor(message: string, guards: readonly string[], options?: ErrorOptions) {
    super(message, options);
    this.guards = guards;
  }
}
