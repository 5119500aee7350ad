/** Why a chart cannot be explored. */

/** The reasons, by the code of the error. */
export const exploreProblems = {
  NOT_A_MACHINE: 'the value is not a machine of the xstate that ixgate imports',
  OTHER_XSTATE: 'the machine was made by another copy or version of xstate',
  START_FAILED: 'the machine fails at its start, usually because it needs input',
  NOT_IMPLEMENTED: 'a guard of the chart has no implementation',
  EVENT_DATA: 'a guard or an action reads data that the explored event lacks',
  ENDLESS: 'the chart takes transitions without an event for ever',
  CONTEXT_CHANGED: 'an action changes the context in place',
  NOT_DETERMINISTIC: 'the same event has different effects in the same state',
  NOT_COMPARABLE: 'the chart decides by a part of its context that cannot be compared',
  UNKNOWN_DELAY: 'a timer has no single delay that suites could wait for',
  NOT_FINITE: 'the chart has more states than the limit',
  NOT_SUPPORTED: 'the chart uses a feature that a table cannot express',
} as const;
export type ExploreProblem = keyof typeof exploreProblems;

/** A chart cannot be explored; `code` is the reason, and the message names the place and the remedy. */
export class ExploreError extends Error {
  override readonly name: string = 'ExploreError';
  readonly code: ExploreProblem;

  constructor(code: ExploreProblem, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** A chart has more states than the limit. */
export class NotFiniteError extends ExploreError {
  override readonly name = 'NotFiniteError';
  /** All guards of the chart, as `name (state, event)`. The guards that read unbounded data are among them. */
  readonly guards: readonly string[];

  constructor(message: string, guards: readonly string[]) {
    super('NOT_FINITE', message);
    this.guards = guards;
  }
}
