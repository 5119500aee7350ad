/** Explores a chart: every reachable state and every step, as a table. */
import {
  type AnyMachineSnapshot,
  type AnyStateMachine,
  type EventObject,
  type ExecutableActionObject,
  initialTransition,
  transition,
} from 'xstate';
import { guardsOf, plainEvents, readsDataInActions, timersOf } from './chart-parts.js';
import { stateNodesOf } from './edges.js';
import { actorName, Identities } from './identity.js';
import { markedTransitions, transitionMark } from './marked-machine.js';
import { NotFiniteError } from './not-finite.js';
import { historyOf, nameOfValue } from './state-name.js';
import { type ChartTable, type TableState, type TableStep, unchanged } from './table.js';

export interface ExploreOptions {
  /**
   * The inputs by name, each with the event that is sent for it. Required where guards or actions read the data of an event: then give
   * one input for each case. @default one input for each event type of the chart
   */
  readonly events?: Readonly<Record<string, EventObject>>;
  /** Names a state. @default its value as a path, e.g. `connected.registered` */
  readonly nameOf?: (snapshot: AnyMachineSnapshot) => string;
  /** Maximum number of states. @default 10000 */
  readonly limit?: number;
  /** The input of the machine, for a chart that takes one. */
  readonly input?: unknown;
}

/** More steps than this without an event count as an endless loop. */
const maxEventlessSteps = 1_000;

/**
 * Explores a chart with pure transitions: no action runs. Running timers are inputs and may expire at any moment. The outcomes of
 * invoked actors are inputs too. When guards or actions read the context, the context is part of the state.
 * @throws {NotFiniteError} naming the guards, when the chart has more states than the limit, or when a guard cannot be evaluated.
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
  /** The timers' names, by the type of the event that XState raises. */
  readonly #timers: ReadonlyMap<string, string>;
  readonly #guards: readonly string[];
  readonly #readsContext: boolean;
  readonly #identities = new Identities();
  readonly #names = new Map<string, string>();
  readonly #found = new Map<string, Found>();
  readonly #steps: Record<string, Record<string, TableStep>> = {};

  constructor(machine: AnyStateMachine, options: ExploreOptions) {
    this.#machine = markedTransitions(bounded(machine));
    this.#options = options;
    this.#limit = options.limit ?? 10_000;
    const nodes = stateNodesOf(machine.root);
    this.#events = new Map(Object.entries(options.events ?? plainEvents(machine.events)));
    this.#timers = timersOf(nodes, this.#events);
    this.#guards = nodes.flatMap(guardsOf);
    this.#readsContext = this.#guards.length > 0 || nodes.some(readsDataInActions);
  }

  table(): ChartTable {
    const [first, actions] = this.#attempt('the start', () => {
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

  /** New states are appended to the map that is being iterated: the search is breadth first. */
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
    if (snapshot.status !== 'active') return unchanged(name, snapshot.context);
    const [next, taken] = this.#attempt(`${input} in ${name}`, () => {
      return transition(this.#machine, snapshot, event as never) as unknown as Taken;
    });
    const { actions, stops, starts, transitions } = this.#effects(taken);
    const timers = new Set(running);
    for (const timer of stops) timers.delete(timer);
    for (const timer of starts) timers.add(timer);
    const stillRunning = next.status === 'active' ? [...timers] : [];
    return {
      to: this.#visit(next, stillRunning),
      actions,
      // An expired timer no longer runs, but XState cancels it again.
      stops: stops.filter((timer) => running.includes(timer)),
      starts,
      transitions,
      context: next.context,
    };
  }

  #effects(taken: readonly ExecutableActionObject[]) {
    const actions: string[] = [];
    const stops: string[] = [];
    const starts: string[] = [];
    const transitions: string[] = [];
    for (const { type, params } of taken) {
      const { sendId, event } = (params ?? {}) as { sendId?: string; event?: EventObject };
      if (type === transitionMark) transitions.push((params as { id: string }).id);
      else if (type === 'xstate.cancel' && sendId !== undefined && this.#timers.has(sendId)) {
        stops.push(this.#timers.get(sendId) as string);
      } else if (type === 'xstate.raise' && event && this.#timers.has(event.type)) {
        starts.push(this.#timers.get(event.type) as string);
      } else if (type !== 'xstate.log') actions.push(this.#actionText(type, params));
    }
    return { actions, stops, starts, transitions };
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
    const data = this.#readsContext ? this.#identity(snapshot.context) : '{}';
    const context = data === '{}' ? '' : ` ${data}`;
    const history = historyOf(snapshot);
    const sorted = [...timers].sort();
    const identity = JSON.stringify([snapshot.value, sorted, history, context]);
    const known = this.#names.get(identity);
    if (known !== undefined) return known;
    if (this.#found.size >= this.#limit) this.#throwNotFinite();
    const plain = `${nameOf(snapshot)}${context}`;
    // Two states with the same name differ in their timers or their history.
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
      const message = `the chart ${this.#machine.id} reads its context, which cannot be compared: ${String(cause)}`;
      throw new NotFiniteError(message, this.#guards, { cause });
    }
  }

  #throwNotFinite(): never {
    const places = this.#guards.join(', ');
    const message = `the chart ${this.#machine.id} is not finite: more than ${this.#limit} states. Its context takes ever new values and is read by ${places || 'its actions'}. Decide outside the chart and send an event, or keep only few values in the context`;
    throw new NotFiniteError(message, this.#guards);
  }

  #attempt<Result>(what: string, take: () => Result): Result {
    try {
      return take();
    } catch (cause) {
      const problem = cause instanceof Error ? cause.message : String(cause);
      const hint = problem.startsWith('Infinite loop')
        ? ''
        : '. If a guard or an action reads the data of an event, list the events (option events)';
      const message = `the chart ${this.#machine.id} cannot be explored at ${what}: ${problem}${hint}`;
      throw new NotFiniteError(message, this.#guards, { cause });
    }
  }
}

/** A copy of the chart in which an endless loop without events is an error and does not hang. */
function bounded(machine: AnyStateMachine): AnyStateMachine {
  const copy = machine.provide({});
  const maxIterations = Math.min(
    machine.options?.maxIterations ?? maxEventlessSteps,
    maxEventlessSteps,
  );
  return Object.assign(copy, { options: { ...machine.options, maxIterations } });
}

type Taken = [AnyMachineSnapshot, ExecutableActionObject[]];

function shown(name: string, { snapshot, timers }: Found): TableState {
  return { name, value: snapshot.value, timers, isFinal: snapshot.status !== 'active' };
}
