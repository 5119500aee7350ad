/** Explores a chart: every state that its inputs lead to, with every step, as a table. */
import {
  type AnyMachineSnapshot,
  type AnyStateMachine,
  type AnyStateNode,
  type EventObject,
  type ExecutableActionObject,
  initialTransition,
  type StateValue,
  transition,
} from 'xstate';
import { stateNodesOf } from '../../registration/chart/edges.js';
import { guardsOf, plainEvents, readsDataInActions, timersOf } from './chart-parts.js';
import { actorName, Identities } from './identity.js';
import { NotFiniteError } from './not-finite.js';
import type { ChartTable, TableState, TableStep } from './table.js';

export interface ExploreOptions {
  /**
   * The inputs by name, each with the event that is sent for it. Needed where guards or actions read what an event carries: then each
   * case is an input of its own. @default one for each type of event that the chart names
   */
  readonly events?: Readonly<Record<string, EventObject>>;
  /** What a state is called. @default its value as a path, e.g. `connected.registered` */
  readonly nameOf?: (snapshot: AnyMachineSnapshot) => string;
  /** As many states it may have. @default 10000 */
  readonly limit?: number;
  /** What its input parameter is, for a chart that takes one. */
  readonly input?: unknown;
}

/** So many steps without an event in between never end. */
const endless = 1_000;

/**
 * Explores a chart with pure transitions: nothing runs. Running timers are inputs, and may run out at any moment. The outcomes of
 * invoked actors are inputs too. A chart whose guards read its context is explored with the context as a part of the state.
 * @throws {NotFiniteError} naming the guards, when it has more states than the limit, or when a guard cannot be evaluated.
 */
export function exploreMachine(machine: AnyStateMachine, options: ExploreOptions = {}): ChartTable {
  return new Exploration(machine, options).table();
}

interface Found {
  readonly snapshot: AnyMachineSnapshot;
  readonly timers: readonly string[];
}

class Exploration {
  readonly #machine: AnyStateMachine;
  readonly #options: ExploreOptions;
  readonly #limit: number;
  readonly #events: ReadonlyMap<string, EventObject>;
  /** Timers: the type of the event that XState raises, and what they are called. */
  readonly #timers: ReadonlyMap<string, string>;
  readonly #guards: readonly string[];
  readonly #readsContext: boolean;
  readonly #identities = new Identities();
  readonly #names = new Map<string, string>();
  readonly #found = new Map<string, Found>();
  readonly #steps: Record<string, Record<string, TableStep>> = {};

  constructor(machine: AnyStateMachine, options: ExploreOptions) {
    this.#machine = bounded(machine);
    this.#options = options;
    this.#limit = options.limit ?? 10_000;
    const nodes = stateNodesOf(machine.root);
    this.#events = new Map(Object.entries(options.events ?? plainEvents(machine.events)));
    this.#timers = timersOf(nodes, this.#events);
    this.#guards = nodes.flatMap(guardsOf);
    this.#readsContext = this.#guards.length > 0 || nodes.some(readsDataInActions);
  }

  table(): ChartTable {
    const [first, actions] = this.#tried('the start', () => {
      const { input } = this.#options;
      return initialTransition(this.#machine, input as never) as Taken;
    });
    const effects = this.#effects(actions);
    const initial = this.#visit(first, effects.starts);
    for (const [name, found] of this.#found) this.#explore(name, found);
    return {
      initial,
      start: { ...effects, context: first.context },
      states: Object.fromEntries(
        [...this.#found].map(([name, found]) => [name, shown(name, found)]),
      ),
      events: [...this.#events.keys()],
      timers: [...this.#timers.values()],
      steps: this.#steps,
    };
  }

  /** The states it leads to are explored after those that were found before: a Map is read in the order in which it grows. */
  #explore(name: string, { snapshot, timers }: Found): void {
    const steps: Record<string, TableStep> = {};
    this.#steps[name] = steps;
    for (const [input, event] of this.#events) {
      steps[input] = this.#step(name, snapshot, timers, input, event);
    }
    for (const [type, timer] of this.#timers) {
      if (!timers.includes(timer)) continue;
      const others = timers.filter((running) => running !== timer);
      steps[timer] = this.#step(name, snapshot, others, timer, { type });
    }
  }

  #step(
    name: string,
    snapshot: AnyMachineSnapshot,
    running: readonly string[],
    input: string,
    event: EventObject,
  ): TableStep {
    if (snapshot.status !== 'active') {
      return { to: name, actions: [], stops: [], starts: [], context: snapshot.context };
    }
    const [next, taken] = this.#tried(`${input} in ${name}`, () => {
      return transition(this.#machine, snapshot, event as never) as unknown as Taken;
    });
    const { actions, stops, starts } = this.#effects(taken);
    const timers = new Set(running);
    for (const timer of stops) timers.delete(timer);
    for (const timer of starts) timers.add(timer);
    const left = next.status === 'active' ? [...timers] : [];
    return {
      to: this.#visit(next, left),
      actions,
      // A timer that has run out does not run; XState cancels it all the same.
      stops: stops.filter((timer) => running.includes(timer)),
      starts,
      context: next.context,
    };
  }

  #effects(taken: readonly ExecutableActionObject[]) {
    const actions: string[] = [];
    const stops: string[] = [];
    const starts: string[] = [];
    for (const { type, params } of taken) {
      const { sendId, event } = (params ?? {}) as { sendId?: string; event?: EventObject };
      if (type === 'xstate.cancel' && sendId !== undefined && this.#timers.has(sendId)) {
        stops.push(this.#timers.get(sendId) as string);
      } else if (type === 'xstate.raise' && event && this.#timers.has(event.type)) {
        starts.push(this.#timers.get(event.type) as string);
      } else if (type !== 'xstate.log') actions.push(this.#actionText(type, params));
    }
    return { actions, stops, starts };
  }

  #actionText(type: string, params: unknown): string {
    if (params === undefined) return type;
    const { actorRef, to, event } = params as Record<string, unknown>;
    if (type === 'xstate.spawnChild') return `${type} ${actorName(actorRef as never)}`;
    if (type === 'xstate.stopChild') return `${type} ${actorName(params as never)}`;
    if (type === 'xstate.sendTo' && typeof to === 'object' && to !== null) {
      return `${type} ${actorName(to as never)} ${this.#identities.textOf(event)}`;
    }
    return `${type} ${this.#identities.textOf(params)}`;
  }

  #visit(snapshot: AnyMachineSnapshot, timers: readonly string[]): string {
    const { nameOf = nameOfValue } = this.#options;
    const kept = this.#readsContext ? this.#identity(snapshot.context) : '{}';
    const context = kept === '{}' ? '' : ` ${kept}`;
    const history = historyOf(snapshot);
    const sorted = [...timers].sort();
    const identity = JSON.stringify([snapshot.value, sorted, history, context]);
    const known = this.#names.get(identity);
    if (known !== undefined) return known;
    if (this.#found.size >= this.#limit) this.#isNotFinite();
    const plain = `${nameOf(snapshot)}${context}`;
    // Two states that look alike differ in their timers or their history.
    let name = plain;
    for (let copy = 2; this.#found.has(name); copy += 1) name = `${plain} (${copy})`;
    this.#names.set(identity, name);
    this.#found.set(name, { snapshot, timers: sorted });
    return name;
  }

  #identity(context: unknown): string {
    try {
      return this.#identities.textOf(context);
    } catch (cause) {
      const message = `the chart ${this.#machine.id} decides by its context, which cannot be compared: ${String(cause)}`;
      throw new NotFiniteError(message, this.#guards, { cause });
    }
  }

  #isNotFinite(): never {
    const places = this.#guards.join(', ');
    const message = `the chart ${this.#machine.id} is not finite: it has more than ${this.#limit} states. What it keeps in its context goes on changing and is read by ${places || 'its actions'}. Decide outside and send an event instead, or keep in the context only what has few values`;
    throw new NotFiniteError(message, this.#guards);
  }

  #tried<Result>(what: string, take: () => Result): Result {
    try {
      return take();
    } catch (cause) {
      const problem = cause instanceof Error ? cause.message : String(cause);
      const hint = problem.startsWith('Infinite loop')
        ? ''
        : '. Where a guard or an action reads what an event carries, say which events there are (option events)';
      const message = `the chart ${this.#machine.id} cannot be explored at ${what}: ${problem}${hint}`;
      throw new NotFiniteError(message, this.#guards, { cause });
    }
  }
}

/** The chart, so that one that goes on without an event for ever is an error and no hang. */
function bounded(machine: AnyStateMachine): AnyStateMachine {
  const copy = machine.provide({});
  const maxIterations = Math.min(machine.options?.maxIterations ?? endless, endless);
  return Object.assign(copy, { options: { ...machine.options, maxIterations } });
}

type Taken = [AnyMachineSnapshot, ExecutableActionObject[]];

function shown(name: string, { snapshot, timers }: Found): TableState {
  return { name, value: snapshot.value, timers, isFinal: snapshot.status !== 'active' };
}

function historyOf(snapshot: AnyMachineSnapshot): string[] {
  const kept = (snapshot as { historyValue?: Record<string, AnyStateNode[]> }).historyValue ?? {};
  return Object.entries(kept).map(([id, nodes]) => `${id}=${nodes.map((node) => node.id).sort()}`);
}

function nameOfValue({ value }: AnyMachineSnapshot): string {
  return pathOf(value);
}

function pathOf(value: StateValue): string {
  if (typeof value === 'string') return value;
  const parts = Object.entries(value).flatMap(([key, inner]) =>
    inner === undefined ? [] : [isEmpty(inner) ? key : `${key}.${pathOf(inner)}`],
  );
  return parts.length === 1 ? (parts[0] ?? '') : `(${parts.join(', ')})`;
}

function isEmpty(value: StateValue): boolean {
  return typeof value === 'object' && Object.keys(value).length === 0;
}
