/** Explores a chart: every reachable state and every step, as a table. */
import {
  type AnyMachineSnapshot,
  type AnyStateMachine,
  type EventObject,
  StateMachine,
} from 'xstate';
import { ChartInputs } from './chart-inputs.js';
import { guardsOf } from './chart-parts.js';
import { ContextReads } from './context-reads.js';
import { stateNodesOf } from './edges.js';
import { ExploreError, NotFiniteError } from './explore-error.js';
import { notesOf } from './notes.js';
import { nameOfValue } from './state-name.js';
import { differenceOf, type Reached, Steps, type TakenStep } from './steps.js';
import {
  type ChartNote,
  type ChartTable,
  type TableState,
  type TableStep,
  unchanged,
} from './table.js';

/** States of one identity that are compared with each other, where the caller decides what the identity is. */
const maxVariants = 8;

export interface ExploreOptions {
  /**
   * The inputs by name, each with the event that is sent for it. Required where guards or actions read the data of an event: then give
   * one input for each case. @default one input for each event type of the chart, without data
   */
  readonly events?: Readonly<Record<string, EventObject>>;
  /** Names a state. @default its value as a path, e.g. `connected.registered` */
  readonly nameOf?: (snapshot: AnyMachineSnapshot) => string;
  /**
   * What of the context belongs to the identity of a state: two states with the same value and the same answer are one.
   * @default the keys of the context that guards, delays and outputs read, directly or through assignments
   */
  readonly contextOf?: (context: never) => unknown;
  /** Maximum number of states. @default 10000 */
  readonly limit?: number;
  /** The input of the machine, for a chart that takes one. */
  readonly input?: unknown;
}

/**
 * Explores a chart with pure transitions: no action runs. Running timers are inputs and may expire at any moment. The outcomes of
 * running actors are inputs too. Events that a chart sends to itself are taken after the step that sends them. What a guard, a delay or an
 * output reads of the context is part of the state. An exception leads to a final state.
 * @throws {ExploreError} when the chart cannot be explored; {NotFiniteError} when it has more states than the limit.
 */
export function exploreMachine(machine: AnyStateMachine, options: ExploreOptions = {}): ChartTable {
  checkMachine(machine);
  const reads = new ContextReads();
  // What is read is known only when it is read: then states were one that are not.
  for (;;) {
    const table = new Exploration(machine, options, reads).table();
    if (table) return table;
  }
}

/** @throws {ExploreError} for anything but a machine of this xstate */
function checkMachine(machine: unknown): void {
  if (machine instanceof StateMachine) return;
  const given = Object(machine) as Record<string, unknown>;
  if (typeof given.transition !== 'function') {
    const what = machine === null ? 'null' : typeof machine;
    throw new ExploreError(
      'NOT_A_MACHINE',
      `${what} is not a machine; expected the result of createMachine or setup().createMachine of xstate`,
    );
  }
  const version = 'getInitialSnapshot' in given ? 'another copy of xstate 5' : 'xstate 4 or older';
  throw new ExploreError(
    'OTHER_XSTATE',
    `the machine ${String(given.id)} was made by ${version}; ixgate explores machines of the xstate 5 that it imports. Install one version for both: npm ls xstate`,
  );
}

class Exploration {
  readonly #machine: AnyStateMachine;
  readonly #options: ExploreOptions;
  readonly #limit: number;
  readonly #reads: ContextReads;
  /** The keys of the context that decide, as known at the beginning. */
  readonly #keys: readonly string[];
  readonly #inputs: ChartInputs;
  readonly #steps: Steps;
  readonly #names = new Map<string, string>();
  readonly #found = new Map<string, Reached>();
  readonly #table: Record<string, Record<string, TableStep>> = {};
  /** By a state: other states with the same identity, by their contexts. */
  readonly #variants = new Map<string, Map<string, Reached>>();
  /** By a state: the state and the input from which it was reached first. */
  readonly #origins = new Map<string, readonly [from: string, input: string]>();

  constructor(machine: AnyStateMachine, options: ExploreOptions, reads: ContextReads) {
    this.#machine = machine;
    this.#options = options;
    this.#limit = options.limit ?? 10_000;
    this.#reads = reads;
    this.#keys = reads.keys;
    this.#inputs = new ChartInputs(machine, options.events);
    this.#steps = new Steps(machine, this.#inputs, reads, this.#keys, options.contextOf);
  }

  /** The table; null when more of the context decides than was known at the beginning. */
  table(): ChartTable | null {
    const first = this.#steps.start(this.#options.input);
    const initial = this.#visit(first.reached, null);
    for (const [name, reached] of this.#found) {
      if (this.#isOutdated()) return null;
      this.#table[name] = this.#stepsFrom(name, reached);
    }
    if (this.#isOutdated()) return null;
    for (const [name, variants] of this.#variants)
      this.#checkVariants(name, [...variants.values()]);
    const { timers } = this.#inputs;
    return {
      initial,
      start: first.step,
      states: Object.fromEntries([...this.#found].map(([name, one]) => [name, shown(name, one)])),
      events: [...this.#inputs.events.keys()],
      timers,
      delays: this.#steps.delays,
      guards: this.#steps.guards,
      steps: this.#table,
      notes: this.#notes(first.step),
    };
  }

  /** Keys are only added. */
  #isOutdated(): boolean {
    return this.#reads.keys.length > this.#keys.length;
  }

  #stepsFrom(name: string, from: Reached): Record<string, TableStep> {
    const steps: Record<string, TableStep> = {};
    for (const [input, event] of this.#inputs.inputsIn(from)) {
      const taken = this.#steps.take(from, event, `${input} in ${name}`);
      steps[input] = taken
        ? { to: this.#visit(taken.reached, [name, input]), ...taken.step }
        : unchanged(name, this.#reads.plain(from.snapshot.context));
    }
    return steps;
  }

  #visit(reached: Reached, origin: readonly [string, string] | null): string {
    const known = this.#names.get(reached.identity);
    if (known !== undefined) {
      this.#addVariant(known, reached);
      return known;
    }
    if (this.#found.size >= this.#limit) throw this.#notFinite();
    const { nameOf = nameOfValue } = this.#options;
    const { snapshot, error } = reached;
    const data = reached.data === '{}' ? '' : ` ${reached.data}`;
    const plain = error === null ? `${nameOf(snapshot)}${data}` : `error: ${error}`;
    // Two states with the same name differ in their timers, their actors, their history or their end.
    let name = plain;
    for (let copy = 2; this.#found.has(name); copy += 1) name = `${plain} (${copy})`;
    this.#names.set(reached.identity, name);
    this.#found.set(name, reached);
    if (origin) this.#origins.set(name, origin);
    return name;
  }

  /** Keeps some of the states that `contextOf` of the caller makes one. */
  #addVariant(name: string, reached: Reached): void {
    if (!this.#options.contextOf) return;
    const variants = this.#variants.get(name) ?? new Map<string, Reached>();
    const text = this.#steps.textOf(this.#reads.plain(reached.snapshot.context)) ?? '';
    if (variants.size < maxVariants && !variants.has(text)) variants.set(text, reached);
    this.#variants.set(name, variants);
  }

  /** @throws {ExploreError} when states that are one by `contextOf` behave differently */
  #checkVariants(name: string, variants: readonly Reached[]): void {
    const first = this.#found.get(name) as Reached;
    for (const variant of variants) {
      for (const [input, event] of this.#inputs.inputsIn(first)) {
        const place = `${input} in ${name}`;
        const [one, other] = [first, variant].map((from) => this.#steps.take(from, event, place));
        const difference = one && other ? differenceOf(one, other) : null;
        if (difference === null) continue;
        throw new ExploreError(
          'NOT_DETERMINISTIC',
          `the chart ${this.#machine.id} cannot be explored with this contextOf: states that it makes one differ at ${place}: ${difference}. Let it return more of the context`,
        );
      }
    }
  }

  #notes(start: TakenStep['step']): ChartNote[] {
    return notesOf(this.#machine, {
      start,
      found: this.#found,
      steps: this.#table,
      missing: this.#steps.missing,
      pathTo: (name) => this.#pathTo(name),
    });
  }

  #pathTo(name: string): string[] {
    const path: string[] = [];
    for (let at = this.#origins.get(name); at; at = this.#origins.get(at[0])) path.unshift(at[1]);
    return path;
  }

  /** The reason why there are so many states. */
  #notFinite(): NotFiniteError {
    const found = [...this.#found.values()];
    const values = new Set(found.map(({ identity, data }) => identity.replace(data, '')));
    const guards = stateNodesOf(this.#machine.root).flatMap(guardsOf);
    const beginning = `the chart ${this.#machine.id} is not finite or too large: more than ${this.#limit} states (option limit).`;
    const data = new Map<string, Set<string>>();
    for (const { parts } of found) {
      for (const [key, text] of Object.entries(parts)) {
        const texts = data.get(key) ?? new Set();
        data.set(key, texts.add(text));
      }
    }
    const [most] = [...data].sort(([, one], [, other]) => other.size - one.size);
    if (!most || values.size > most[1].size) {
      const regions = stateNodesOf(this.#machine.root).filter(({ type }) => type === 'parallel');
      const parallel = regions.map(
        ({ id, states }) => `${id} with ${Object.keys(states).length} regions`,
      );
      const why =
        parallel.length > 0 ? `: the parallel states multiply (${parallel.join(', ')})` : '';
      return new NotFiniteError(
        `${beginning} It has ${values.size} values without its context${why}. Explore its parts one by one, or raise the limit`,
        guards,
      );
    }
    const [key, texts] = most;
    const readers = guards.length > 0 ? ` (guards: ${guards.join(', ')})` : '';
    return new NotFiniteError(
      `${beginning} context.${key} has ${texts.size} values and decides what the chart does${readers}. Decide outside the chart and send an event, keep only few values in the context, or name what decides (option contextOf)`,
      guards,
    );
  }
}

function shown(name: string, { snapshot, timers, actors, values }: Reached): TableState {
  return {
    name,
    value: snapshot.value,
    timers: [...timers.keys()].sort(),
    actors: [...actors].sort(),
    context: values,
    isFinal: snapshot.status !== 'active',
  };
}
