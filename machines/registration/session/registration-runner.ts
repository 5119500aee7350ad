/** Runs a chart as a table: what an XState actor does, at the price of a lookup. */

import { type ChartTable, registrationTable } from '../../engine/mealy/index.js';
import {
  type CompiledChart,
  type CompiledStep,
  compiledChart,
  snapshotOf,
} from '../../engine/table/compiled-chart.js';
import { systemClock } from '../../text/clock.js';
import {
  type Clock,
  type DisconnectReason,
  never,
  type RegistrationEvent,
  type Seat,
  type SeatActions,
  type SeatDelays,
} from '../chart/seat.js';
import type { RegistrationActor, RegistrationSnapshot, SnapshotObserver } from './step.js';

export interface RegistrationRunnerOptions {
  readonly seat: Seat;
  /** @default systemClock */
  readonly clock?: Clock | undefined;
  /** A registration chart as a table, e.g. one with a mistake, to test the tests. @default registrationTable() */
  readonly table?: ChartTable | undefined;
}

/**
 * A session's run of the chart by its table, in a seat. It stands where an XState actor would: one contract for both
 * (`RegistrationActor`), and a test that no step differs.
 */
export class RegistrationRunner implements RegistrationActor {
  readonly #seat: Seat;
  readonly #clock: Clock;
  readonly #chart: CompiledChart;
  #state: number;
  #reason: DisconnectReason | null = null;
  #phase: 'new' | 'idle' | 'stepping' | 'over' = 'new';
  #observer: SnapshotObserver | null = null;
  /** Events that came from within an action; null while there are none. */
  #waiting: RegistrationEvent[] | null = null;
  /** The clock's handles of the timers that run, by their numbers; null while none does. */
  #timers: unknown[] | null = null;

  constructor({
    seat,
    clock = systemClock,
    table = registrationTable(),
  }: RegistrationRunnerOptions) {
    this.#seat = seat;
    this.#clock = clock;
    this.#chart = compiledChart(table);
    this.#state = this.#chart.initial;
  }

  start(): void {
    if (this.#phase !== 'new') return;
    this.#phase = 'idle';
    this.#takeWaiting();
  }

  stop(): void {
    this.#end();
  }

  getSnapshot(): RegistrationSnapshot {
    const snapshot = this.#chart.snapshots[this.#state] as RegistrationSnapshot;
    return this.#reason === null ? snapshot : snapshotOf(snapshot.value, this.#reason);
  }

  /** @param observer the only one: whoever comes later takes the place. */
  subscribe(observer: SnapshotObserver): void {
    this.#observer = observer;
  }

  /** Takes an event; one that is sent from within an action waits until the step under way is done. */
  send(event: RegistrationEvent): void {
    if (this.#phase === 'over') return;
    if (this.#phase === 'idle') {
      this.#take(event);
      this.#takeWaiting();
      return;
    }
    this.#waiting ??= [];
    this.#waiting.push(event);
  }

  #take(event: RegistrationEvent): void {
    const { inputs, steps, stays } = this.#chart;
    const input = inputs.get(event.type);
    const step =
      input === undefined ? stays[this.#state] : steps[this.#state * inputs.size + input];
    if (event.type === 'Disconnected') this.#reason = event.reason;
    this.#run(step as CompiledStep, event);
  }

  #takeWaiting(): void {
    while (this.#waiting !== null && this.#phase === 'idle') {
      const next = this.#waiting.shift();
      if (this.#waiting.length === 0) this.#waiting = null;
      if (next) this.#take(next);
    }
  }

  #run({ to, actions, stops, starts }: CompiledStep, event: RegistrationEvent): void {
    this.#phase = 'stepping';
    for (const timer of stops) this.#stop(timer);
    try {
      for (const action of actions) this.#act(action, event);
    } catch (error) {
      this.#end();
      this.#observer?.error?.(error);
      return;
    }
    this.#state = to;
    for (const timer of starts) this.#startTimer(timer);
    if (this.#chart.isFinal[to]) this.#end();
    try {
      this.#observer?.next?.(this.getSnapshot());
    } finally {
      if (this.#phase === 'stepping') this.#phase = 'idle';
    }
  }

  #act(action: keyof SeatActions, event: RegistrationEvent): void {
    const { actions } = this.#seat;
    if (action === 'disconnect') actions.disconnect?.(this.#reason ?? 'transport-error');
    else actions[action]?.(event);
  }

  #startTimer(timer: number): void {
    this.#stop(timer);
    const name = this.#chart.timers[timer] as keyof SeatDelays;
    const delay = this.#seat.delays[name];
    if (delay === never && !this.#clock.takesNever) return;
    this.#timers ??= this.#chart.timers.map(() => undefined);
    this.#timers[timer] = this.#clock.setTimeout(() => this.#ranOut(timer, name), delay);
  }

  #ranOut(timer: number, name: string): void {
    if (this.#timers) this.#timers[timer] = undefined;
    const { inputs, steps } = this.#chart;
    const step = steps[this.#state * inputs.size + (inputs.get(name) as number)] as CompiledStep;
    if (step.reason !== null) this.#reason = step.reason;
    // XState gives the actions of a timer its own event; no seat reads it.
    this.#run(step, { type: name } as never);
    this.#takeWaiting();
  }

  #stop(timer: number): void {
    const handle = this.#timers?.[timer];
    if (handle === undefined || this.#timers === null) return;
    this.#clock.clearTimeout(handle);
    this.#timers[timer] = undefined;
    if (this.#timers.every((other) => other === undefined)) this.#timers = null;
  }

  #end(): void {
    this.#phase = 'over';
    this.#waiting = null;
    for (const timer of this.#chart.timers.keys()) this.#stop(timer);
  }
}
