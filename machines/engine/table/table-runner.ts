/** Runs a chart by its table: the same steps as an XState actor, at the cost of a lookup. */
import { type Clock, never, systemClock } from '../../text/clock.js';
import type { CompiledChart, CompiledStep } from './compiled-chart.js';

/** The subscriber of a runner: it receives the snapshot after each step, and the error of an action that threw. */
export interface RunnerObserver<Snapshot> {
  next?(snapshot: Snapshot): void;
  error?(error: unknown): void;
}

/**
 * One run of a chart. A protocol extends it with its actions, delays and snapshots; it may then replace an XState actor.
 * An action that throws stops the run, and the observer receives the error.
 */
export abstract class TableRunner<Event extends { readonly type: string }, Snapshot> {
  readonly #clock: Clock;
  readonly #chart: CompiledChart;
  #state: number;
  #phase: 'new' | 'idle' | 'stepping' | 'ended' = 'new';
  #observer: RunnerObserver<Snapshot> | null = null;
  /** Events that an action sent; null while there are none. */
  #waiting: Event[] | null = null;
  /** The clock's handles of the running timers, by their numbers; null while no timer runs. */
  #timers: unknown[] | null = null;

  /** @param clock the clock of its timers. @default systemClock */
  constructor(chart: CompiledChart, clock: Clock = systemClock) {
    this.#clock = clock;
    this.#chart = chart;
    this.#state = this.#chart.initial;
  }

  /** Runs an action of the chart. */
  protected abstract act(action: string, event: Event): void;
  /** The name of an event's input in the chart. It differs from the type where a chart with guards was explored by their outcomes. */
  protected inputOf(event: Event): string {
    return event.type;
  }
  /** The delay of a timer in milliseconds, asked when the timer starts. */
  protected abstract delayOf(timer: string): number;
  /** Keeps what the context of the chart would keep; called before the actions of each step. */
  protected abstract keep(step: CompiledStep, event: Event, isTimer: boolean): void;
  /** The snapshot of a state, by its number in the compiled chart. */
  protected abstract snapshotOf(state: number): Snapshot;

  start(): void {
    if (this.#phase !== 'new') return;
    this.#phase = 'idle';
    this.#takeWaiting();
  }

  stop(): void {
    this.#end();
  }

  getSnapshot(): Snapshot {
    return this.snapshotOf(this.#state);
  }

  /** @param observer the only observer: a later one replaces it. */
  subscribe(observer: RunnerObserver<Snapshot>): void {
    this.#observer = observer;
  }

  /** Takes an event. An event that an action sends waits until the current step is complete. */
  send(event: Event): void {
    if (this.#phase === 'ended') return;
    if (this.#phase === 'idle') {
      this.#take(event);
      this.#takeWaiting();
      return;
    }
    this.#waiting ??= [];
    this.#waiting.push(event);
  }

  #take(event: Event): void {
    const { inputs, steps, stays } = this.#chart;
    const input = inputs.get(this.inputOf(event));
    const step = (
      input === undefined ? stays[this.#state] : steps[this.#state * inputs.size + input]
    ) as CompiledStep;
    this.keep(step, event, false);
    this.#run(step, event);
  }

  #takeWaiting(): void {
    while (this.#waiting !== null && this.#phase === 'idle') {
      const next = this.#waiting.shift();
      if (this.#waiting.length === 0) this.#waiting = null;
      if (next) this.#take(next);
    }
  }

  #run({ to, actions, stops, starts }: CompiledStep, event: Event): void {
    this.#phase = 'stepping';
    for (const timer of stops) this.#stop(timer);
    try {
      for (const action of actions) this.act(action, event);
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

  #startTimer(timer: number): void {
    this.#stop(timer);
    const name = this.#chart.timers[timer] as string;
    const delay = this.delayOf(name);
    if (delay === never && !this.#clock.takesNever) return;
    this.#timers ??= this.#chart.timers.map(() => undefined);
    this.#timers[timer] = this.#clock.setTimeout(() => this.#expire(timer, name), delay);
  }

  #expire(timer: number, name: string): void {
    if (this.#timers) this.#timers[timer] = undefined;
    const { inputs, steps } = this.#chart;
    const step = steps[this.#state * inputs.size + (inputs.get(name) as number)] as CompiledStep;
    // XState passes its internal event to the actions of a timer.
    const event = { type: name } as unknown as Event;
    this.keep(step, event, true);
    this.#run(step, event);
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
    this.#phase = 'ended';
    this.#waiting = null;
    for (const timer of this.#chart.timers.keys()) this.#stop(timer);
  }
}
