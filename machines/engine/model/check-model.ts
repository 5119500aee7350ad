/** Properties of any chart, checked in every state and on every path. */
import type { AnyStateMachine } from 'xstate';
import { type Lasso, lassoOf } from '../checking/lasso.js';
import type { CheckedModel, StepVisitor } from '../checking/model.js';
import { Search } from '../checking/search.js';
import { type ChartTable, hasEffect, type TableStep } from '../table/table.js';
import {
  type CheckedState,
  checkedState,
  predicateOf,
  type StatePredicate,
} from './checked-state.js';
import type { ModelOptions } from './model-of.js';

/** Properties by their names. */
export interface ChartProperties {
  /** Holds in every state. */
  readonly always?: Readonly<Record<string, StatePredicate>>;
  /** Holds in no state. */
  readonly never?: Readonly<Record<string, StatePredicate>>;
  /** Holds sooner or later on every path. */
  readonly eventually?: Readonly<Record<string, StatePredicate>>;
  /** Whenever the first holds, the second holds then or later. */
  readonly leadsTo?: Readonly<
    Record<string, readonly [first: StatePredicate, second: StatePredicate]>
  >;
  /**
   * The inputs that happen sooner or later while the chart has a transition for them, e.g. the outcomes of its actors. Timers always
   * expire. Without them no event has to come, so `eventually` fails in each state that waits. @default none
   */
  readonly due?: readonly string[];
}

/** What a module may export as `ixgate` beside its machine: the options of its model, and its properties. */
export type ChartOptions = ModelOptions & ChartProperties;

/** One step of a counterexample. */
export interface CounterexampleStep {
  readonly input: string;
  readonly actions: readonly string[];
  /** The name of the state after the step. */
  readonly to: string;
}

/** A shortest way to violate a property. */
export interface ChartCounterexample {
  readonly from: string;
  readonly steps: readonly CounterexampleStep[];
  /** For `eventually` and `leadsTo`: what then goes on for ever; empty when nothing has to happen any more. Null for the others. */
  readonly forEver: readonly CounterexampleStep[] | null;
}

export interface PropertyVerdict {
  readonly kind: 'crash' | 'always' | 'never' | 'eventually' | 'leadsTo';
  readonly name: string;
  /** Null when the property holds. */
  readonly counterexample: ChartCounterexample | null;
}

export interface CheckedChart {
  readonly states: number;
  readonly transitions: number;
  /** First `crash`: no exception of the chart's own functions. */
  readonly verdicts: readonly PropertyVerdict[];
}

/** What is checked of a model. */
export interface Checkable {
  readonly chart: AnyStateMachine;
  readonly table: ChartTable;
}

type Condition = (state: CheckedState) => boolean;
/** A state of the table, and whether something is still expected. */
interface Place {
  readonly state: number;
  readonly isPending: boolean;
}
interface Taken extends CounterexampleStep {
  readonly isDue: boolean;
}
type Found = Search<Place, Taken, 'violated'>;

/**
 * Checks properties in every state and on every path of a chart. Timers may expire at any moment while they run, in any order: what
 * holds here holds for all delays.
 * @throws {RangeError} for a path, a tag or a due input that the chart does not have, and for more than 30 timers and due inputs.
 */
export function checkModel(model: Checkable, properties: ChartProperties): CheckedChart {
  const chart = new CheckedTable(model, properties.due ?? []);
  const of = (predicate: StatePredicate) => chart.holding(predicateOf(model.chart, predicate));
  const each = <Value>(group: Readonly<Record<string, Value>> | undefined) =>
    Object.entries(group ?? {});
  const nothing = () => false;
  const never = (kind: PropertyVerdict['kind'], name: string, bad: readonly boolean[]) => ({
    kind,
    name,
    counterexample: chart.violation({ bad, starts: nothing, ends: nothing }),
  });
  const later = (kind: PropertyVerdict['kind'], name: string, first: Flags, second: Flags) => ({
    kind,
    name,
    counterexample: chart.violation({
      bad: [],
      starts: (state) => first[state] === true,
      ends: (state) => second[state] === true,
    }),
  });
  const verdicts: PropertyVerdict[] = [
    never(
      'crash',
      'no exception',
      of(({ isError }) => isError),
    ),
    ...each(properties.always).map(([name, predicate]) =>
      never(
        'always',
        name,
        of(predicate).map((holds) => !holds),
      ),
    ),
    ...each(properties.never).map(([name, predicate]) => never('never', name, of(predicate))),
    ...each(properties.eventually).map(([name, predicate]) =>
      later('eventually', name, chart.onlyInitial, of(predicate)),
    ),
    ...each(properties.leadsTo).map(([name, [first, second]]) =>
      later('leadsTo', name, of(first), of(second)),
    ),
  ];
  return { ...chart.size, verdicts };
}

type Flags = readonly boolean[];

interface Rule {
  /** States that must not be reached. */
  readonly bad: Flags;
  /** Whether something is expected from this state on, and whether it has happened there. */
  starts(state: number): boolean;
  ends(state: number): boolean;
}

/** Maximum number of timers and due inputs: each is a bit. */
const maxTimers = 30;

class CheckedTable {
  readonly #table: ChartTable;
  readonly #names: readonly string[];
  readonly #numbers: ReadonlyMap<string, number>;
  readonly #states: readonly CheckedState[];
  /** Timers and due inputs. */
  readonly #due: readonly string[];

  constructor({ chart, table }: Checkable, due: readonly string[]) {
    const unknown = due.find((input) => !table.events.includes(input));
    if (unknown !== undefined) {
      throw new RangeError(
        `due has ${JSON.stringify(unknown)}; the inputs of the chart are ${table.events.join(', ')}`,
      );
    }
    this.#table = table;
    this.#names = Object.keys(table.states);
    this.#numbers = new Map(this.#names.map((name, number) => [name, number]));
    this.#states = Object.values(table.states).map((state) => checkedState(chart, state));
    this.#due = [...table.timers, ...due];
    if (this.#due.length > maxTimers) {
      throw new RangeError(
        `the chart has ${table.timers.length} timers and ${due.length} due inputs; at most ${maxTimers} can be checked`,
      );
    }
  }

  get size() {
    const transitions = Object.entries(this.#table.steps)
      .flatMap(([state, inputs]) => Object.values(inputs).map((step) => hasEffect(step, state)))
      .filter(Boolean).length;
    return { states: this.#names.length, transitions };
  }

  get onlyInitial(): Flags {
    return this.#names.map((name) => name === this.#table.initial);
  }

  holding(condition: Condition): Flags {
    return this.#states.map((state) => Boolean(condition(state)));
  }

  violation(rule: Rule): ChartCounterexample | null {
    const search: Found = new Search(this.#modelFor(rule));
    search.run({ limit: 2 * this.#names.length + 1 });
    const [first] = [...search.violations.values()]
      .map(({ state, step }) => ({ path: search.pathTo(state), step }))
      .sort((one, other) => one.path.length - other.path.length);
    if (first) {
      const steps = [...first.path.map(({ step }) => step), ...(first.step ? [first.step] : [])];
      return this.#counterexample(steps, rule.bad.length > 0 ? null : []);
    }
    const lasso: Lasso<Taken> | null = rule.bad.length > 0 ? null : lassoOf(search);
    if (!lasso) return null;
    const steps = search.pathTo(lasso.state).map(({ step }) => step);
    return this.#counterexample(
      steps,
      lasso.cycle.map(({ step }) => step),
    );
  }

  #counterexample(steps: readonly Taken[], forEver: readonly Taken[] | null): ChartCounterexample {
    const shown = ({ input, actions, to }: Taken) => ({ input, actions, to });
    return {
      from: this.#table.initial,
      steps: steps.map(shown),
      forEver: forEver?.map(shown) ?? null,
    };
  }

  #modelFor({ bad, starts, ends }: Rule): CheckedModel<Place, Taken, 'violated'> {
    const isPending = (state: number, before: boolean) => (before || starts(state)) && !ends(state);
    const initial = this.#numbers.get(this.#table.initial) ?? 0;
    return {
      initial: { state: initial, isPending: isPending(initial, false) },
      encoding: {
        encode: (place) => place.state * 2 + (place.isPending ? 1 : 0),
        decode: (code) => ({ state: code >> 1, isPending: code % 2 === 1 }),
      },
      timerCount: this.#due.length,
      runningTimers: ({ state }) => this.#bits((input) => this.#isDue(state, input)),
      each: (place, visit) => this.#each(place, visit, isPending),
      violatedIn: (place) => {
        const hasEnded = place.isPending && this.#states[place.state]?.isFinal === true;
        return bad[place.state] || hasEnded ? ['violated'] : [];
      },
      isPending: (place) => place.isPending,
      isAtRest: (place) => !place.isPending,
      isTerminal: ({ state }) => this.#states[state]?.isFinal ?? true,
    };
  }

  #each(
    { state, isPending: before }: Place,
    visit: StepVisitor<Place, Taken, 'violated'>,
    isPending: (state: number, before: boolean) => boolean,
  ): void {
    const steps: Readonly<Record<string, TableStep>> =
      this.#table.steps[this.#names[state] ?? ''] ?? {};
    for (const [input, { to, actions, starts, transitions }] of Object.entries(steps)) {
      if (!hasEffect({ transitions, to }, this.#names[state] ?? '')) continue;
      const next = this.#numbers.get(to) ?? 0;
      const isDue = this.#isDue(state, input);
      const restarts = this.#bits(
        (one) => starts.includes(one) || (one === input && this.#due.includes(input)),
      );
      const place = { state: next, isPending: isPending(next, before) };
      visit({ input, actions, to, isDue }, place, [], restarts);
    }
  }

  /** Whether an input happens sooner or later while the chart stays in a state. */
  #isDue(state: number, input: string): boolean {
    if (!this.#due.includes(input)) return false;
    if (this.#table.timers.includes(input)) {
      return this.#states[state]?.timers.includes(input) ?? false;
    }
    const step = this.#table.steps[this.#names[state] ?? '']?.[input];
    return step !== undefined && hasEffect(step, this.#names[state] ?? '');
  }

  #bits(isSet: (input: string) => boolean): number {
    return this.#due.reduce((bits, input, index) => (isSet(input) ? bits | (1 << index) : bits), 0);
  }
}
