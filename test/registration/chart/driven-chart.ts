/** The registration chart on a simulated clock, with what it really did written down. */
import { createActor, SimulatedClock } from 'xstate';
import {
  type Configuration,
  configurationOf,
  type DisconnectReason,
  never,
  type RegistrationEvent,
  type RegistrationEventType,
  registrationEventTypes,
  type SeatActions,
  type SeatDelays,
  seated,
} from '../../../machines/index.js';

/** The chart's two timers, by the names of their delays. */
export const timers = ['registrationTimeout', 'rejectionTimeout'] as const;
export type Timer = (typeof timers)[number];

/** Whatever can happen to the chart: an event, or one of its delays running out. */
export type Input = RegistrationEventType | Timer;
export const inputs: readonly Input[] = [...registrationEventTypes, ...timers];

export function isTimer(input: Input): input is Timer {
  return (timers as readonly string[]).includes(input);
}

/** An event of that type, with what the type asks for. */
export function eventOf(type: RegistrationEventType, reason: DisconnectReason = 'peer-closed') {
  return (type === 'Disconnected' ? { type, reason } : { type }) as RegistrationEvent;
}

/** A running chart, and the transitions the actor took for the last input. */
export class DrivenChart {
  readonly clock = new SimulatedClock();
  readonly actor;
  #taken: string[] = [];

  constructor(delays: SeatDelays, actions: Partial<SeatActions> = {}) {
    this.actor = createActor(seated({ actions, delays }), {
      clock: this.clock,
      inspect: (inspected) => {
        if (inspected.type !== '@xstate.microstep') return;
        for (const { source, eventType } of inspected._transitions) {
          const delay = /^xstate\.after\.(.+?)\./.exec(eventType)?.[1];
          this.#taken.push(`${source.key}:${delay ?? eventType}`);
        }
      },
    });
    this.actor.start();
    this.#taken = [];
  }

  get configuration(): Configuration {
    return configurationOf(this.actor.getSnapshot());
  }

  /** Sends an event and gives the ids of the transitions it took; a chart that has ended takes none. */
  say(type: RegistrationEventType, reason?: DisconnectReason): string[] {
    if (this.actor.getSnapshot().status !== 'active') return [];
    return this.#during(() => this.actor.send(eventOf(type, reason)));
  }

  /** Lets time pass and gives the ids of the transitions that timers took meanwhile. */
  wait(milliseconds: number): string[] {
    return this.#during(() => this.clock.increment(milliseconds));
  }

  #during(act: () => void): string[] {
    this.#taken = [];
    act();
    return this.#taken;
  }
}

/** Takes a path of events from the start, then one more input; only the timer that is asked for can run out. */
export function drive(path: readonly Input[], input: Input) {
  const wanted = [...path, input].find(isTimer);
  const chart = new DrivenChart({
    registrationTimeout: wanted === 'registrationTimeout' ? 100 : never,
    rejectionTimeout: wanted === 'rejectionTimeout' ? 100 : never,
  });
  const step = (next: Input) => (isTimer(next) ? chart.wait(100) : chart.say(next));
  for (const earlier of path) step(earlier);
  const from = chart.configuration;
  const taken = step(input);
  return { from, taken, to: chart.configuration };
}

/** Every configuration that any input leads to, each with a shortest path of events to it. */
export function reachable(): Map<Configuration, readonly Input[]> {
  const found = new Map<Configuration, readonly Input[]>([['connecting', []]]);
  for (const [, path] of found) {
    for (const input of inputs) {
      const { to } = drive(path, input);
      if (!found.has(to)) found.set(to, [...path, input]);
    }
  }
  return found;
}
