/** What the search needs of a model. */

/**
 * A system whose sessions are checked: its states, and every step from each of them.
 * `Step` is the model's description of a step, `Property` the ids of its properties.
 */
export interface CheckedModel<State, Step extends ModelledStep, Property extends string> {
  readonly initial: State;
  /** States as numbers and back. Different states have different numbers. */
  readonly encoding: { encode(state: State): number; decode(code: number): State };
  /** How many timers end a session that stays pending; at most 30. */
  readonly timerCount: number;
  /** The timers that run in a state, one bit each. */
  runningTimers(state: State): number;
  /** Calls `visit` for every step that may be taken in a state. */
  each(state: State, visit: StepVisitor<State, Step, Property>): void;
  /** The properties that a state violates. */
  violatedIn(state: State): readonly Property[];
  /** A session must not stay in pending states for ever. */
  isPending(state: State): boolean;
  /** Nothing needs to happen: the state is not a deadlock. */
  isAtRest(state: State): boolean;
  /** The session has ended. */
  isTerminal(state: State): boolean;
}

export interface ModelledStep {
  /** Whether the step must happen sooner or later. A state without such a step is a deadlock, unless it is at rest or terminal. */
  readonly isDue: boolean;
}

/**
 * @param violated the properties that the step violates.
 * @param restarts the timers that restart or expire with the step, one bit each.
 */
export type StepVisitor<State, Step, Property> = (
  step: Step,
  next: State,
  violated: readonly Property[],
  restarts: number,
) => void;
