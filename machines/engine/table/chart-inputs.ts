/** The inputs of a chart: its events, the outcomes of its actors, and its timers. */
import type { AnyStateMachine, EventObject } from 'xstate';
import { outcomeOf, plainEvents, timersOf } from './chart-parts.js';
import { stateNodesOf } from './edges.js';
import type { StartedTimer } from './effects.js';
import { ExploredEvents } from './explored-events.js';

/** What decides which inputs are possible in a state. */
export interface Running {
  /** The running timers by name, each with the event that it raises. */
  readonly timers: ReadonlyMap<string, EventObject>;
  /** The ids of the running actors. */
  readonly actors: ReadonlySet<string>;
}

/** An event to take; null for an input without effect, the outcome of an actor that does not run. */
type Input = readonly [name: string, event: InputEvent | null];
export interface InputEvent {
  readonly event: EventObject;
  /** The timer that has expired. */
  readonly timer?: string;
  /** The actor that has ended. */
  readonly ended?: string;
}

export class ChartInputs {
  readonly events: ReadonlyMap<string, EventObject>;
  /** Records which data is read of events that have none. */
  readonly explored = new ExploredEvents();
  /** The names of the timers, by the id of the delayed event. */
  readonly #timers: Map<string, string>;

  /** @param given the events with their data; without them each event type is an input without data */
  constructor(machine: AnyStateMachine, given?: Readonly<Record<string, EventObject>>) {
    const plain = Object.entries(plainEvents(machine.events)).map(
      ([name, event]) => [name, this.#withoutData(event)] as const,
    );
    this.events = new Map(given ? Object.entries(given) : plain);
    this.#timers = timersOf(stateNodesOf(machine.root), this.events);
  }

  /** The timers that were seen, with those of `after`. */
  get timers(): string[] {
    return [...new Set(this.#timers.values())];
  }

  /** The name of a timer that was started or cancelled; null for the cancellation of one that was never started. */
  timerName(started: StartedTimer | { readonly cancelled: string }): string | null {
    if ('cancelled' in started) return this.#timers.get(started.cancelled) ?? null;
    const { id } = started;
    const known = this.#timers.get(id);
    if (known !== undefined) return known;
    const isTaken = this.events.has(id) || [...this.#timers.values()].includes(id);
    const name = isTaken ? `${id} (delayed)` : id;
    this.#timers.set(id, name);
    return name;
  }

  *inputsIn({ timers, actors }: Running): Generator<Input> {
    for (const [name, event] of this.events) {
      const outcome = outcomeOf(event);
      if (!outcome) yield [name, { event }];
      else if (!actors.has(outcome.actor)) yield [name, null];
      else yield [name, { event, ...(outcome.ends && { ended: outcome.actor }) }];
    }
    for (const [timer, event] of timers) yield [timer, { event, timer }];
  }

  #withoutData(event: EventObject): EventObject {
    const failed = event.type.startsWith('xstate.error.');
    return this.explored.without(
      failed ? ({ ...event, error: new Error(event.type) } as never) : event,
    );
  }
}
