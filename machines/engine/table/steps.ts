/** The steps of a chart that is explored, one at a time. */
import type { AnyMachineSnapshot, AnyStateMachine, EventObject } from 'xstate';
import type { ChartInputs, InputEvent, Running } from './chart-inputs.js';
import { callsFunctions } from './chart-parts.js';
import type { ContextReads } from './context-reads.js';
import { stateNodesOf } from './edges.js';
import { effectsOf } from './effects.js';
import { ExploreError } from './explore-error.js';
import { GuardWatch } from './guard-watch.js';
import { Identities, isNamed } from './identity.js';
import { instrumentedMachine, maxEventlessSteps } from './instrumented-machine.js';
import { PureTransitions, type Taken } from './pure-transitions.js';
import { withFixedChance } from './repeatable.js';
import { historyOf, nameOfValue } from './state-name.js';
import type { TableStep } from './table.js';

/** A state that was reached. */
export interface Reached extends Running {
  readonly snapshot: AnyMachineSnapshot;
  /** Equal for states that behave alike. */
  readonly identity: string;
  /** The part of the context that decides: its values, as JSON, and its parts as JSON. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly data: string;
  readonly parts: Readonly<Record<string, string>>;
  /** The exception that led here; null without one. */
  readonly error: string | null;
}

export interface TakenStep {
  readonly reached: Reached;
  readonly step: Omit<TableStep, 'to'>;
}

export class Steps {
  /** Data of events that was read and is missing, as `name of event`. */
  readonly missing = new Set<string>();
  readonly #guards = new GuardWatch();
  /** By the name of a timer: the delays with which it was started, in milliseconds. */
  readonly #delays = new Map<string, Set<number>>();
  readonly #machine: AnyStateMachine;
  readonly #pure: PureTransitions;
  readonly #inputs: ChartInputs;
  readonly #reads: ContextReads;
  readonly #keys: readonly string[];
  readonly #contextOf: ((context: never) => unknown) | undefined;
  readonly #identities = new Identities();
  readonly #mayDiffer: boolean;

  /** @param keys the keys of the context that decide, as far as they are known */
  constructor(
    machine: AnyStateMachine,
    inputs: ChartInputs,
    reads: ContextReads,
    keys: readonly string[],
    contextOf?: (context: never) => unknown,
  ) {
    const nodes = stateNodesOf(machine.root);
    const { context } = machine.config as { context?: unknown };
    this.#machine = machine;
    this.#pure = new PureTransitions(instrumentedMachine(machine, reads, this.#guards));
    this.#inputs = inputs;
    this.#reads = reads;
    this.#keys = keys;
    this.#contextOf = contextOf;
    this.#mayDiffer = typeof context === 'function' || nodes.some(callsFunctions);
  }

  get guards() {
    return this.#guards.results;
  }

  /** The delays of the timers that always have the same one, in milliseconds. */
  get delays(): Record<string, number> {
    const single = [...this.#delays].filter(([, delays]) => delays.size === 1);
    return Object.fromEntries(single.map(([timer, [delay = 0]]) => [timer, delay]));
  }

  /** @throws {ExploreError} */
  start(input: unknown): TakenStep {
    const nothing = { timers: new Map(), actors: new Set<string>() };
    return this.#repeated('the start', () => {
      const taken = this.#pure.start(input);
      const { status, error } = taken[0];
      if (status === 'error') throw this.#failedStart(error, input);
      const first = this.#follow('the start', taken, nothing, {});
      this.#checkContext('the start', null, null);
      return first;
    });
  }

  /** @returns null for an input without effect @throws {ExploreError} */
  take(from: Reached, input: InputEvent | null, place: string): TakenStep | null {
    if (input === null || from.snapshot.status !== 'active') return null;
    const running = {
      timers: new Map([...from.timers].filter(([timer]) => timer !== input.timer)),
      actors: new Set([...from.actors].filter((actor) => actor !== input.ended)),
    };
    const { snapshot } = from;
    // Only functions can change it.
    const before = this.#mayDiffer ? this.textOf(this.#reads.plain(snapshot.context)) : null;
    return this.#repeated(place, () => {
      const taken = this.#attempt(place, from, () =>
        this.#follow(place, this.#pure.take(snapshot, input.event), running, snapshot.children),
      );
      if (this.#mayDiffer) {
        this.#checkContext(place, before, this.textOf(this.#reads.plain(snapshot.context)));
      }
      return taken;
    });
  }

  /** Takes the events that the machine sends to itself, and adds up the effects. */
  #follow(place: string, first: Taken, running: Running, children: object): TakenStep {
    const timers = new Map(running.timers);
    const actors = new Set(running.actors);
    const step = {
      actions: [] as string[],
      stops: [] as string[],
      starts: [] as string[],
      transitions: [] as string[],
    };
    let [snapshot, taken] = first;
    const ownEvents: EventObject[] = [];
    for (let count = 0; ; count += 1) {
      const effects = effectsOf(taken, this.#identities);
      step.actions.push(...effects.actions);
      step.transitions.push(...effects.transitions);
      for (const timer of effects.timers) this.#changeTimer(place, timer, timers, running, step);
      for (const { id, runs } of effects.actors) runs ? actors.add(id) : actors.delete(id);
      ownEvents.push(...effects.ownEvents);
      const next = ownEvents.shift();
      if (!next || snapshot.status !== 'active') break;
      if (count > maxEventlessSteps)
        throw this.#unexplorable('ENDLESS', place, 'it sends events to itself for ever');
      [snapshot, taken] = this.#pure.take(snapshot, next);
    }
    // No action reports actors that an assignment spawned.
    for (const [id, actor] of Object.entries(snapshot.children)) {
      if (isNamed(actor) && !(id in children)) actors.add(id);
    }
    for (const id of actors) if (!(id in snapshot.children)) actors.delete(id);
    const isActive = snapshot.status === 'active';
    return {
      reached: this.#reached(
        snapshot,
        isActive ? timers : new Map(),
        isActive ? actors : new Set(),
      ),
      step: { ...step, context: this.#reads.plain(snapshot.context) },
    };
  }

  #changeTimer(
    place: string,
    timer: Parameters<ChartInputs['timerName']>[0],
    timers: Map<string, EventObject>,
    before: Running,
    step: { stops: string[]; starts: string[] },
  ): void {
    const name = this.#inputs.timerName(timer);
    if (name === null) return;
    if ('cancelled' in timer) {
      timers.delete(name);
      // An expired timer no longer runs, but XState cancels it again.
      if (before.timers.has(name)) step.stops.push(name);
      return;
    }
    if (timers.has(name)) {
      throw this.#unexplorable(
        'NOT_SUPPORTED',
        place,
        `it starts the delayed event ${name} while it already runs. Give each a separate id, or cancel the first`,
      );
    }
    timers.set(name, timer.event);
    const delays = this.#delays.get(name) ?? new Set();
    this.#delays.set(name, delays.add(timer.delay));
    step.starts.push(name);
  }

  #reached(
    snapshot: AnyMachineSnapshot,
    timers: ReadonlyMap<string, EventObject>,
    actors: ReadonlySet<string>,
  ): Reached {
    const error = snapshot.status === 'error' ? messageOf(snapshot.error) : null;
    const [values, parts] = this.#partsOf(snapshot);
    const data = `{${Object.entries(parts)
      .map(([key, text]) => `${JSON.stringify(key)}:${text}`)
      .join()}}`;
    const running = [...timers].map(([name, event]) => [name, this.#identities.textOf(event)]);
    const identity = JSON.stringify([
      snapshot.value,
      snapshot.status,
      error,
      running.sort(),
      [...actors].sort(),
      historyOf(snapshot),
    ]);
    return { snapshot, timers, actors, values, data, parts, identity: `${identity}${data}`, error };
  }

  /** The parts of the context that decide, and the same as JSON. */
  #partsOf({
    context,
  }: AnyMachineSnapshot): [values: Record<string, unknown>, parts: Record<string, string>] {
    const plain = this.#reads.plain(context);
    try {
      if (this.#contextOf) {
        const part = this.#contextOf(plain as never);
        if (part === undefined) return [{}, {}];
        const isObject = typeof part === 'object' && part !== null && !Array.isArray(part);
        const values = isObject ? (part as Record<string, unknown>) : { contextOf: part };
        return [values, { contextOf: this.#identities.textOf(part) }];
      }
      const keys = this.#keys.filter((key) => key in plain);
      return [
        Object.fromEntries(keys.map((key) => [key, plain[key]])),
        Object.fromEntries(keys.map((key) => [key, this.#identities.textOf(plain[key])])),
      ];
    } catch (cause) {
      throw this.#error(
        'NOT_COMPARABLE',
        `decides by a part of its context that cannot be compared: ${messageOf(cause)}. Name what decides (option contextOf)`,
        cause,
      );
    }
  }

  /** Takes a step twice where functions are called, and compares. */
  #repeated(place: string, take: () => TakenStep): TakenStep {
    if (!this.#mayDiffer) return take();
    const [first, second] = ([0, 1] as const).map((run) => withFixedChance(run, take)) as [
      TakenStep,
      TakenStep,
    ];
    const difference = differenceOf(first, second);
    if (difference === null) return first;
    throw this.#error(
      'NOT_DETERMINISTIC',
      `has different effects at ${place}: ${difference}. It depends on random numbers, the time or something outside. Decide outside the chart and send an event`,
    );
  }

  /** Runs a step; an exception of the chart's own functions leads to a final state. */
  #attempt(place: string, from: Reached, take: () => TakenStep): TakenStep {
    this.#inputs.explored.taken();
    try {
      return take();
    } catch (cause) {
      if (cause instanceof ExploreError) throw cause;
      const known = this.#knownProblem(place, cause);
      if (known) throw known;
      const [key] = this.#inputs.explored.taken();
      if (key !== undefined) {
        throw this.#unexplorable(
          'EVENT_DATA',
          place,
          `it reads event.${key}, which the explored event lacks (${messageOf(cause)}). Give the events with their data (option events)`,
          cause,
        );
      }
      const failed = Object.assign(
        Object.create(Object.getPrototypeOf(from.snapshot)),
        from.snapshot,
        {
          status: 'error',
          error: cause,
        },
      );
      return {
        reached: this.#reached(failed, new Map(), new Set()),
        step: {
          ...{ actions: [], stops: [...from.timers.keys()].sort(), starts: [], transitions: [] },
          context: this.#reads.plain(from.snapshot.context),
        },
      };
    } finally {
      for (const key of this.#inputs.explored.taken())
        this.missing.add(`${place.split(' in ')[0]}: ${key}`);
    }
  }

  #failedStart(cause: unknown, input: unknown): ExploreError {
    if (cause instanceof ExploreError) return cause;
    const known = this.#knownProblem('the start', cause);
    if (known) return known;
    const hint = input === undefined ? '. If it needs input, give it (option input)' : '';
    return this.#error('START_FAILED', `fails at its start: ${messageOf(cause)}${hint}`, cause);
  }

  #knownProblem(place: string, cause: unknown): ExploreError | null {
    const problem = messageOf(cause);
    if (problem.startsWith('Infinite loop')) {
      return this.#error(
        'ENDLESS',
        `takes more than ${maxEventlessSteps} transitions without an event at ${place}`,
        cause,
      );
    }
    const [, guard] = /Guard '([^']*)' is not implemented/.exec(problem) ?? [];
    if (guard === undefined) return null;
    return this.#error(
      'NOT_IMPLEMENTED',
      `has no implementation of the guard ${guard}, which it needs at ${place}. Give one: machine.provide({ guards: { ${guard}: ... } })`,
      cause,
    );
  }

  /** @throws {ExploreError} when a step changed the context of the state that it left: its text is another one, or a key was written */
  #checkContext(place: string, before: string | null, after: string | null): void {
    const { assigned, changedInPlace } = this.#reads.taken();
    if (changedInPlace === null && before === after) return;
    const what =
      changedInPlace ?? `${assigned.join(' or ') || 'a guard'} changes a value of the context`;
    throw this.#error(
      'CONTEXT_CHANGED',
      `changes its context in place at ${place}: ${what}. Return new values from assign`,
    );
  }

  /** A context as a text; null for an empty one and for one that cannot be compared. */
  textOf(context: object): string | null {
    if (Object.keys(context).length === 0) return null;
    try {
      return this.#identities.textOf(context);
    } catch {
      return null;
    }
  }

  #unexplorable(code: ExploreError['code'], place: string, problem: string, cause?: unknown) {
    return this.#error(code, `cannot be explored at ${place}: ${problem}`, cause);
  }

  #error(code: ExploreError['code'], problem: string, cause?: unknown): ExploreError {
    return new ExploreError(code, `the chart ${this.#machine.id} ${problem}`, { cause });
  }
}

/** How two runs of a step differ, in words; null when they do not. */
export function differenceOf(one: TakenStep, other: TakenStep): string | null {
  if (one.reached.identity !== other.reached.identity) {
    const [first, second] = [one, other].map(({ reached }) => {
      const end = reached.error === null ? '' : `, ${reached.error}`;
      return `${nameOfValue(reached.snapshot)} ${reached.data}${end}`;
    });
    return first === second ? 'its timers or actors differ' : `once ${first}, once ${second}`;
  }
  const [first, second] = [one, other].map(({ step: { context: _, ...rest } }) =>
    JSON.stringify(rest),
  );
  return first === second ? null : `once ${first}, once ${second}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
