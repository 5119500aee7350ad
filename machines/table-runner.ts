/** Runs a chart as a table: what an XState actor does, at the price of a lookup. */
import type { StateValue } from 'xstate';
import { systemClock } from './clock.js';
import { type ChartTable, registrationTable, stepOf } from './explore/index.js';
import type {
  Clock,
  DisconnectReason,
  RegistrationEvent,
  Seat,
  SeatActions,
  SeatDelays,
} from './seat.js';
import type { RegistrationActor, RegistrationSnapshot } from './step.js';

export interface TableRunnerOptions {
  readonly seat: Seat;
  /** @default systemClock */
  readonly clock?: Clock;
  /** A registration chart as a table, e.g. one with a mistake, to test the tests. @default registrationTable() */
  readonly table?: ChartTable;
}

interface Observer {
  next?(snapshot: RegistrationSnapshot): void;
  error?(error: unknown): void;
}

/** A session's run of the chart by its table, in a seat. It stands where an XState actor would. */
export class TableRunner implements RegistrationActor {
  readonly #seat: Seat;
  readonly #clock: Clock;
  readonly #table: ChartTable;
  readonly #observers: Observer[] = [];
  readonly #waiting: RegistrationEvent[] = [];
  readonly #timers = new Map<string, unknown>();
  #state: string;
  #reason: DisconnectReason | null = null;
  #isStarted = false;
  #isStepping = false;
  #isOver = false;

  constructor({ seat, clock = systemClock, table = registrationTable() }: TableRunnerOptions) {
    this.#seat = seat;
    this.#clock = clock;
    this.#table = table;
    this.#state = table.initial;
  }

  start(): void {
    this.#isStarted = true;
    this.#drain();
  }

  getSnapshot(): RegistrationSnapshot {
    const value = this.#table.states[this.#state]?.value as StateValue;
    return { value, context: { reason: this.#reason } } as RegistrationSnapshot;
  }

  subscribe(observer: Observer): void {
    this.#observers.push(observer);
  }

  /** Takes an event; one that is sent from within an action waits until the step under way is done. */
  send(event: RegistrationEvent): void {
    this.#waiting.push(event);
    this.#drain();
  }

  #drain(): void {
    if (!this.#isStarted || this.#isStepping) return;
    this.#isStepping = true;
    try {
      for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
        if (this.#isOver) continue;
        if (next.type === 'Disconnected') this.#reason = next.reason;
        this.#step(next.type, next);
      }
    } finally {
      this.#isStepping = false;
    }
  }

  #step(input: string, event: RegistrationEvent): void {
    const { to, actions, stops, starts, context } = stepOf(this.#table, this.#state, input);
    const isTimer = this.#table.timers.includes(input);
    if (isTimer) this.#reason = (context as { reason: DisconnectReason | null }).reason;
    for (const timer of stops) this.#stop(timer);
    try {
      for (const action of actions) this.#act(action as keyof SeatActions, event);
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#state = to;
    for (const timer of starts) this.#startTimer(timer);
    if (this.#table.states[to]?.isFinal) this.#end();
    const snapshot = this.getSnapshot();
    for (const observer of this.#observers) observer.next?.(snapshot);
  }

  #act(action: keyof SeatActions, event: RegistrationEvent): void {
    if (action === 'disconnect') {
      this.#seat.actions.disconnect?.(this.#reason ?? 'transport-error');
    } else this.#seat.actions[action]?.(event);
  }

  #startTimer(timer: string): void {
    this.#stop(timer);
    const delay = this.#seat.delays[timer as keyof SeatDelays];
    const handle = this.#clock.setTimeout(() => {
      this.#timers.delete(timer);
      this.#isStepping = true;
      try {
        // XState gives the actions of a timer its own event; no seat reads it.
        this.#step(timer, { type: timer } as never);
      } finally {
        this.#isStepping = false;
      }
      this.#drain();
    }, delay);
    this.#timers.set(timer, handle);
  }

  #stop(timer: string): void {
    if (!this.#timers.has(timer)) return;
    this.#clock.clearTimeout(this.#timers.get(timer));
    this.#timers.delete(timer);
  }

  #end(): void {
    this.#isOver = true;
    for (const timer of [...this.#timers.keys()]) this.#stop(timer);
  }

  /** An action threw: the chart has stopped. */
  #fail(error: unknown): void {
    this.#end();
    for (const observer of this.#observers) observer.error?.(error);
  }
}
