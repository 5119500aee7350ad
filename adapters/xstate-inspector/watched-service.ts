import type { XState4State } from './xstate4.js';

type StateListener = (state: XState4State) => void;

/** The part of a machine that the package reads and sends to the viewer as JSON. */
export interface WatchedMachine {
  readonly definition: object;
  toJSON(): object;
}

/**
 * A session in the form that the package expects: a service of xstate 4. It runs nothing; it forwards steps of the session to the
 * package.
 */
export class WatchedService {
  readonly id: string;
  readonly sessionId: string;
  readonly machine: WatchedMachine;
  readonly initialState: XState4State;
  state: XState4State;
  readonly #listeners = new Set<StateListener>();
  readonly #stopListeners = new Set<() => void>();

  constructor(sessionId: string, machine: WatchedMachine, state: XState4State) {
    this.id = `session ${sessionId}`;
    this.sessionId = sessionId;
    this.machine = machine;
    this.initialState = state;
    this.state = state;
  }

  /**
   * The package replaces this method to report each event to the viewer. It does nothing here: the session has
   * already taken its step.
   */
  send(_event: object): void {}

  /** Calls the listener immediately with the current state, like a running service of xstate 4. */
  subscribe(listener: StateListener): { unsubscribe(): void } {
    this.#listeners.add(listener);
    listener(this.state);
    return { unsubscribe: () => void this.#listeners.delete(listener) };
  }

  onStop(listener: () => void): this {
    this.#stopListeners.add(listener);
    return this;
  }

  /** The session took a step. */
  step(event: object, state: XState4State): void {
    this.send(event);
    this.state = state;
    for (const listener of this.#listeners) listener(state);
  }

  /** The session has ended. Listeners are released, because the package keeps every service. */
  stop(): void {
    const listeners = [...this.#stopListeners];
    this.#stopListeners.clear();
    this.#listeners.clear();
    for (const listener of listeners) listener();
  }
}
