/** Walks through a chart, one step at a time: for a person who chooses the inputs. */
import type { AnyStateMachine, EventObject, StateValue } from 'xstate';
import { ChartInputs, type InputEvent } from './chart-inputs.js';
import { outcomeOf } from './chart-parts.js';
import { ContextReads } from './context-reads.js';
import { ExploreError } from './explore-error.js';
import { type Reached, Steps, type TakenStep } from './steps.js';

/** Something that can happen to a chart. */
export interface WalkInput {
  /** The event's name, or the timer's. */
  readonly name: string;
  /** `outcome`: an actor has ended, or has a new snapshot. */
  readonly kind: 'event' | 'timer' | 'outcome';
  /** The event with its data. */
  readonly event: EventObject;
  /** What it does in this state; `data`: nothing without data that the event lacks. */
  readonly effect: 'step' | 'none' | 'data';
  /** The data of the event that the chart reads and the event lacks. */
  readonly needs: readonly string[];
  /** Why the chart cannot take it; null without a problem. */
  readonly problem: string | null;
}

export interface WalkStep {
  /** The number of the state that was reached. */
  readonly id: number;
  readonly value: StateValue;
  readonly status: string;
  /** The exception that ended the chart; null without one. */
  readonly error: string | null;
  readonly context: unknown;
  readonly timers: readonly string[];
  readonly actors: readonly string[];
  readonly tags: readonly string[];
  /** What the step did. */
  readonly actions: readonly string[];
  readonly transitions: readonly string[];
  /** What can happen next. */
  readonly inputs: readonly WalkInput[];
}

export interface WalkOptions {
  /** The events by name, each with its data. @default each event type of the chart, without data */
  readonly events?: Readonly<Record<string, EventObject>>;
  /** The input of the machine. */
  readonly input?: unknown;
}

/**
 * A walk through a chart by pure transitions: no action runs, and timers expire at the command of the caller. Each state that was reached has a
 * number, from which the walk can go on at any time. The chart may be infinite.
 */
export class ChartWalk {
  readonly #inputs: ChartInputs;
  readonly #steps: Steps;
  readonly #given: Readonly<Record<string, EventObject>>;
  readonly #input: unknown;
  readonly #reached: Reached[] = [];

  constructor(machine: AnyStateMachine, { events, input }: WalkOptions = {}) {
    this.#given = events ?? {};
    this.#input = input;
    this.#inputs = new ChartInputs(machine, events);
    this.#steps = new Steps(machine, this.#inputs, new ContextReads(), []);
  }

  /** @throws {ExploreError} when the chart cannot start */
  start(): WalkStep {
    return this.#shown(this.#steps.start(this.#input));
  }

  /**
   * Takes an input in a state that was reached.
   * @param input the name of a running timer, or an event
   * @returns null for an input without effect, and for an unknown state or timer
   * @throws {ExploreError} when the chart cannot take it
   */
  take(from: number, input: string | EventObject): WalkStep | null {
    const reached = this.#reached[from];
    if (!reached) return null;
    const event = this.#inputEvent(reached, input);
    const taken = event && this.#steps.take(reached, event, placeOf(input, reached));
    return taken && hasEffect(taken) ? this.#shown(taken) : null;
  }

  #inputEvent(from: Reached, input: string | EventObject): InputEvent | null {
    if (typeof input === 'string') {
      const event = from.timers.get(input);
      return event ? { event, timer: input } : null;
    }
    const outcome = outcomeOf(input);
    if (!outcome) return { event: input };
    if (!from.actors.has(outcome.actor)) return null;
    return { event: input, ...(outcome.ends && { ended: outcome.actor }) };
  }

  #shown({ reached, step }: TakenStep): WalkStep {
    const { snapshot, timers, actors, error } = reached;
    return {
      id: this.#reached.push(reached) - 1,
      value: snapshot.value,
      status: snapshot.status,
      error,
      context: step.context,
      timers: [...timers.keys()],
      actors: [...actors],
      tags: [...snapshot.tags],
      actions: step.actions,
      transitions: step.transitions,
      inputs: this.#inputsIn(reached),
    };
  }

  #inputsIn(from: Reached): WalkInput[] {
    if (from.snapshot.status !== 'active') return [];
    return [...this.#inputs.inputsIn(from)].map(([name, input]) => {
      const event = this.#given[name] ?? { type: input?.event.type ?? name };
      const isOutcome = outcomeOf(event) !== null;
      const kind = input?.timer !== undefined ? 'timer' : isOutcome ? 'outcome' : 'event';
      return { name, kind, event, ...this.#effectOf(from, input, name) };
    });
  }

  #effectOf(
    from: Reached,
    input: InputEvent | null,
    name: string,
  ): Pick<WalkInput, 'effect' | 'needs' | 'problem'> {
    try {
      const taken = this.#steps.take(from, input, placeOf(name, from));
      const isStep = taken !== null && hasEffect(taken);
      const needs = this.#missingOf(name);
      return { effect: isStep ? 'step' : needs.length > 0 ? 'data' : 'none', needs, problem: null };
    } catch (error) {
      if (!(error instanceof ExploreError)) throw error;
      const [, key] = /it reads event\.(\S+?),/.exec(error.message) ?? [];
      if (error.code !== 'EVENT_DATA' || key === undefined)
        return { effect: 'none', needs: [], problem: error.message };
      return {
        effect: 'data',
        needs: [...new Set([...this.#missingOf(name), key])],
        problem: null,
      };
    }
  }

  #missingOf(name: string): string[] {
    const beginning = `${name}: `;
    return [...this.#steps.missing]
      .filter((text) => text.startsWith(beginning))
      .map((text) => text.slice(beginning.length));
  }
}

function hasEffect({ reached, step }: TakenStep): boolean {
  return step.transitions.length > 0 || reached.error !== null;
}

function placeOf(input: string | EventObject, { snapshot }: Reached): string {
  const name = typeof input === 'string' ? input : input.type;
  return `${name} in ${JSON.stringify(snapshot.value)}`;
}
