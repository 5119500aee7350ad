/** Replays a counterexample on the charts of a server and a client and records both sessions. */
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
  /** The records of both sessions in order. Times are simulated: 100 ms a step; a timer takes its full delay. */
  readonly steps: readonly StepRecord[];
  /** The final states of the charts. */
  readonly server: StateValue;
  readonly client: StateValue;
}

/** Milliseconds. */
const timeOfStep = 100;

/**
 * Replays a counterexample. The repeated part of an endless session is replayed once.
 * @param session prefix of the session names: `<session>-server` and `<session>-client`.
 * @param charts the charts that were checked.
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
    // A faulty chart may run other timers than a correct one in the same configuration.
    steps.push({ ...step, deadline: seats[step.seat as ModelSeat].deadline });
  };
  const seats: Record<ModelSeat, ReplayedSeat> = {
    server: new ReplayedSeat('server', `${session}-server`, server, time, onStep),
    client: new ReplayedSeat('client', `${session}-client`, client, time, onStep),
  };
  const messages = new Map(
    conversationOf(counterexample).flatMap(({ message, sentAt, receivedAt }) => [
      [sentAt, message] as const,
      ...(receivedAt === null ? [] : [[receivedAt, message] as const]),
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

/** A distinct delay for each timer, so that the delay identifies it. Timers of the same delay differ by a millisecond. */
function delaysOf({ timers }: ChartTable): Record<string, number> {
  return Object.fromEntries(
    timers.map((timer, index) => {
      const [name = ''] = timer.split(' in ');
      const delay = defaultDelays[name as keyof typeof defaultDelays] ?? 1_000;
      return [timer, name === timer ? delay : delay + index];
    }),
  );
}

/** The client's chart has no deadlines: they belong to the server. */
function allNever({ timers }: ChartTable): Record<string, number> {
  return Object.fromEntries(timers.map((timer) => [timer, never]));
}

/** Timers that expire when the counterexample has them expire; the time then moves to their due time or later. */
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

  /** Milliseconds until the next timer expires, or null when none does. */
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

/** Maps states that only a faulty chart has to known ones, for readers of recordings: an unknown deadline becomes the last known one. */
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
