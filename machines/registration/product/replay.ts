/** A counterexample run again by the charts themselves, a server's and a client's, and recorded as two sessions. */
import type { StateValue } from 'xstate';
import type { ChartTable } from '../../engine/table/table.js';
import { type Clock, never } from '../../text/clock.js';
import type { RegistrationActor, RegistrationSnapshot } from '../chart/actor.js';
import { registrationTable } from '../chart/registration-table.js';
import { defaultDelays, type RegistrationEvent, type SeatDelays } from '../chart/seat.js';
import { RegistrationRunner } from '../session/registration-runner.js';
import type { StepRecord } from '../session/step.js';
import { Session } from '../session/step.js';
import type { CheckOptions, Counterexample, CounterexampleStep } from './check.js';
import { conversationOf } from './conversation.js';
import type { ModelSeat } from './model-step.js';

export interface CounterexampleReplay {
  /** The records of both sessions, in the order in which they were made. Times are simulated: a tenth of a second a step, a timer in full. */
  readonly steps: readonly StepRecord[];
  /** Where the charts are in the end. */
  readonly server: StateValue;
  readonly client: StateValue;
}

/** Milliseconds. */
const timeOfStep = 100;

/**
 * Replays a counterexample. A session that goes on for ever is replayed once round.
 * @param session the sessions are called after it: `<session>-server` and `<session>-client`.
 * @param charts those that were checked.
 */
export function replayCounterexample(
  counterexample: Counterexample,
  session: string,
  charts: Pick<CheckOptions, 'server' | 'client'> = {},
): CounterexampleReplay {
  const { server = registrationTable(), client = registrationTable() } = charts;
  const time = { now: 0 };
  const steps: StepRecord[] = [];
  const onStep = (step: StepRecord) => {
    // The clocks of a chart with a mistake are not those that a correct one has where it is.
    steps.push({ ...step, deadline: seats[step.seat as ModelSeat].deadline });
  };
  const seats: Record<ModelSeat, ReplayedSeat> = {
    server: new ReplayedSeat('server', `${session}-server`, server, time, onStep),
    client: new ReplayedSeat('client', `${session}-client`, client, time, onStep),
  };
  const messages = new Map(
    conversationOf(counterexample).flatMap(({ message, saidAt, heardAt }) => [
      [saidAt, message] as const,
      ...(heardAt === null ? [] : [[heardAt, message] as const]),
    ]),
  );
  counterexample.steps.forEach((step, index) => {
    time.now += timeOfStep;
    if (step.seat !== null) seats[step.seat].take(step, messages.get(index));
  });
  return { steps, server: seats.server.value, client: seats.client.value };
}

class ReplayedSeat {
  readonly #timers: SteppedTimers;
  readonly #table: ChartTable;
  readonly #runner: RegistrationRunner;
  readonly #session: Session;

  constructor(
    seat: ModelSeat,
    session: string,
    table: ChartTable,
    time: { now: number },
    onStep: (step: StepRecord) => void,
  ) {
    this.#table = table;
    this.#timers = new SteppedTimers(time);
    const [own, delays] =
      seat === 'server'
        ? [delaysOf(table), defaultDelays]
        : [allNever(table), { registrationTimeout: never, rejectionTimeout: never }];
    this.#runner = new RegistrationRunner({
      seat: { actions: {}, delays: own as unknown as SeatDelays },
      clock: this.#timers,
      table,
    });
    this.#session = new Session(shownAsKnown(this.#runner), {
      session,
      seat,
      delays,
      onStep,
      time: { wall: () => time.now, monotonic: () => time.now },
    });
    this.#runner.start();
  }

  get value(): StateValue {
    return this.#runner.getSnapshot().value;
  }

  get deadline(): number | null {
    return this.#timers.left;
  }

  take({ event, reason, timer }: CounterexampleStep, message: StepRecord['payload'] | undefined) {
    if (event === null) this.#timers.runOut(delaysOf(this.#table)[timer ?? ''] ?? never);
    else this.#session.send({ type: event, reason, message } as unknown as RegistrationEvent);
  }
}

/** Each timer with a delay of its own, so that it can be told by it. Several with the same delay differ in a millisecond. */
function delaysOf({ timers }: ChartTable): Record<string, number> {
  return Object.fromEntries(
    timers.map((timer, index) => {
      const [name = ''] = timer.split(' in ');
      const delay = defaultDelays[name as keyof typeof defaultDelays] ?? 1_000;
      return [timer, name === timer ? delay : delay + index];
    }),
  );
}

/** The deadlines are the server's: the client keeps none. */
function allNever({ timers }: ChartTable): Record<string, number> {
  return Object.fromEntries(timers.map((timer) => [timer, never]));
}

/** Timers that run out when the counterexample says so; the time is then at least what they were set to. */
class SteppedTimers implements Clock {
  readonly #time: { now: number };
  readonly #running = new Set<{ fn: () => void; delay: number; due: number }>();

  constructor(time: { now: number }) {
    this.#time = time;
  }

  setTimeout(fn: () => void, delay: number): unknown {
    const timer = { fn, delay, due: this.#time.now + delay };
    this.#running.add(timer);
    return timer;
  }

  clearTimeout(timer: never): void {
    this.#running.delete(timer);
  }

  /** Milliseconds until the next of them, or null when none runs that will ever run out. */
  get left(): number | null {
    const next = Math.min(...[...this.#running].map(({ due }) => due));
    return next === never ? null : next - this.#time.now;
  }

  runOut(delay: number): void {
    const timer = [...this.#running].find((running) => running.delay === delay);
    if (!timer) return;
    this.#running.delete(timer);
    this.#time.now = Math.max(this.#time.now, timer.due);
    timer.fn();
  }
}

/**
 * A chart with a mistake may have states that no reader of recordings knows. They are shown as what they stand in place of: an unknown
 * deadline as the last one that was known.
 */
function shownAsKnown(runner: RegistrationRunner): RegistrationActor {
  let last = 'registration';
  const shown = (snapshot: RegistrationSnapshot): RegistrationSnapshot => {
    const { value } = snapshot;
    if (typeof value === 'string' || value.connected === 'registered') return snapshot;
    const { exchange, deadline } = value.connected.unregistered;
    if (deadline === 'registration' || deadline === 'rejection') last = deadline;
    const known = { connected: { unregistered: { exchange, deadline: last } } };
    return { ...snapshot, value: known as typeof value };
  };
  return {
    getSnapshot: () => shown(runner.getSnapshot()),
    send: (event) => runner.send(event),
    start: () => runner.start(),
    stop: () => runner.stop(),
    subscribe(observer) {
      runner.subscribe({
        next: (snapshot) => observer.next?.(shown(snapshot)),
        error: (problem) => observer.error?.(problem),
      });
    },
  };
}
