import type { XState4State } from './xstate4.js';

type StateListener = (state: XState4State) => void;

/** What the package reads of a machine: it is sent to the viewer as JSON. */
export interface WatchedMachine {
  readonly definition: object;
  toJSON(): object;
}

/**
 * A session as the package knows one: a service of xstate 4. It runs nothing; it is told what the session did and tells the
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
   * The package puts its own over this and tells the viewer of each event that passes. Nothing happens here: the session has
   * taken its step already.
   */
  send(_event: object): void {}

  /** The listener hears the present state at once, as with a service of xstate 4 that runs. */
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

  /** The session is over. What listened is let go of, since the package keeps every service it has seen. */
  stop(): void {
    const listeners = [...this.#stopListeners];
    this.#stopListeners.clear();
    this.#listeners.clear();
    for (const listener of listeners) listener();
  }
}
