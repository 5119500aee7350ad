/** A state of xstate 4, as far as it is used here. */
export interface XState4State {
  readonly value: unknown;
  readonly context: unknown;
  readonly _event: unknown;
}

/** A machine of xstate 4, as far as it is used here. */
export interface XState4Machine {
  readonly definition: object;
  resolveState(state: XState4State): XState4State;
}
