/** The model of any finite chart, from which suites are generated, in which mutants run, and whose properties are checked. */
import type { AnyStateMachine, EventObject } from 'xstate';
import { type MealyMachine, quiescence, withTimer } from '../mealy/mealy-machine.js';
import { outcomeOf } from '../table/chart-parts.js';
import { type ExploreOptions, exploreMachine } from '../table/explore.js';
import { ExploreError, NotFiniteError } from '../table/explore-error.js';
import { type ChartTable, hasEffect, stepOf } from '../table/table.js';
import type { ExpectedStep, TestModel } from '../testgen/model.js';
import type { SimulationModel } from '../testgen/simulation.js';
import { type EventOptions, modelEvents, withoutEqualInputs } from './model-events.js';
import { type Observable, outputText } from './observation.js';
import { SimulatedChart } from './simulated-chart.js';
import { tagsOf } from './tags.js';

export interface ModelOptions extends EventOptions, Omit<ExploreOptions, 'events'> {
  /**
   * What a tester observes after each input. With actions alone many charts lose states: two states that never do anything different are
   * one for such a tester. @default ['actions', 'value']
   */
  readonly outputs?: Observable | readonly Observable[];
  /**
   * Milliseconds of timers by their names, for timers whose delay is a function of the context or the event, or to replace the delays of
   * the chart. @default the delays of the chart
   */
  readonly delays?: Readonly<Record<string, number>>;
  /**
   * Whether suites contain only inputs that have a transition in the current state: for interfaces that do not offer the others, e.g. a
   * page without the button. @default false
   */
  readonly enabledOnly?: boolean;
}

/** The settings in a suite of a chart. */
export interface ChartSettings {
  /** The id of the machine. */
  readonly machine: string;
  /** What is observed, with commas: `actions,value`. */
  readonly outputs: string;
  readonly enabledOnly: 'yes' | 'no';
  readonly [name: string]: string;
}

/**
 * The model of a machine: explores it and prepares it for suites, mutants and checks. Nothing is started, no action runs.
 * @throws {ExploreError} when the chart cannot be explored, or a timer has no known delay; {PayloadError} for payloads that cannot be used.
 */
export function modelOf(machine: AnyStateMachine, options: ModelOptions = {}): ChartModel {
  return new ChartModel(machine, options);
}

export class ChartModel
  implements TestModel<string, ChartSettings>, SimulationModel<string, SimulatedChart>
{
  /** The machine. */
  readonly chart: AnyStateMachine;
  readonly table: ChartTable;
  /** The events by the name of their input. */
  readonly events: Readonly<Record<string, EventObject>>;
  /** The events of the chart, and the passing of time (`silence`) when it has timers. */
  readonly inputs: readonly string[];
  readonly outputs: readonly Observable[];
  /** Milliseconds of each timer. */
  readonly delays: Readonly<Record<string, number>>;
  readonly enabledOnly: boolean;
  /** The input of the machine. */
  readonly input: unknown;
  readonly checkedOutputs: string;
  readonly blindSpots: string;
  readonly plurals = { systems: 'systems', sessions: 'sessions' } as const;
  /** Set where some inputs cannot be given in every state. */
  readonly playable?: (inputs: readonly string[]) => readonly string[];
  readonly #limit: number;
  /** Estimates and suites use the same one. */
  #machine: MealyMachine | null = null;

  /** See `modelOf`. */
  constructor(machine: AnyStateMachine, options: ModelOptions = {}) {
    const { events, payloads, outputs, delays, enabledOnly, ...explore } = options;
    this.chart = machine;
    // The explorer says what is wrong with anything but a machine.
    const isMachine = Array.isArray((machine as { events?: unknown } | null)?.events);
    this.events = isMachine ? modelEvents(machine, { events, payloads } as EventOptions) : {};
    const table = exploreMachine(machine, { ...explore, events: this.events });
    this.table = withoutEqualInputs(table, this.events, new Set(Object.keys(payloads ?? {})));
    this.outputs = [outputs ?? (['actions', 'value'] as const)].flat();
    this.delays = delaysOf(machine.id, this.table, delays ?? {});
    this.enabledOnly = enabledOnly ?? false;
    this.input = options.input;
    this.#limit = options.limit ?? 10_000;
    const { timers } = this.table;
    const hasOutcomes = Object.values(this.events).some((event) => outcomeOf(event) !== null);
    if (this.enabledOnly || hasOutcomes) this.playable = (inputs) => this.#playable(inputs);
    this.inputs = [...this.table.events, ...(timers.length > 0 ? [quiescence] : [])];
    this.checkedOutputs = `every wrong ${listed(this.outputs)}`;
    this.blindSpots = this.enabledOnly
      ? 'inputs that a state does not offer are not given, and states that differ only in what they offer may be confused'
      : 'other data of events and other moments are not tested';
  }

  get settings(): ChartSettings {
    return {
      machine: this.chart.id,
      outputs: this.outputs.join(','),
      enabledOnly: this.enabledOnly ? 'yes' : 'no',
    };
  }

  connect(table: ChartTable = this.table): SimulatedChart {
    return new SimulatedChart(table, this.delays);
  }

  /** Whether an input can be given in a state, and belongs into a suite there. */
  isPossible(state: string, input: string): boolean {
    const { isFinal = true, actors = [] } = this.table.states[state] ?? {};
    const outcome = outcomeOf(this.events[input] ?? { type: input });
    if (isFinal || (outcome && !actors.includes(outcome.actor))) return false;
    return !this.enabledOnly || this.isEnabled(state, input);
  }

  /** Whether an input has a transition in a state. Time may pass everywhere; it is offered where a timer runs. */
  isEnabled(state: string, input: string): boolean {
    if (input === quiescence) return (this.table.states[state]?.timers.length ?? 0) > 0;
    return hasEffect(stepOf(this.table, state, input), state);
  }

  /** The inputs that can be given where each stands: an actor that does not run has no outcome. */
  #playable(inputs: readonly string[]): readonly string[] {
    const chart = this.connect();
    return inputs.filter((input) => {
      if (!this.isPossible(chart.state, input)) return false;
      this.apply(input, chart, chart);
      return true;
    });
  }

  apply(
    input: string,
    model: SimulatedChart,
    system: SimulatedChart,
  ): { readonly output: string; readonly edges: readonly string[] } {
    // What a tester cannot give has no effect on either.
    if (this.playable && !this.isPossible(model.state, input)) return { output: '', edges: [] };
    const wait = input === quiescence ? this.waitOf(model) : null;
    const take = (chart: SimulatedChart) => (wait === null ? chart.send(input) : chart.pass(wait));
    const own = take(model);
    const { actions, edges } = model === system ? own : take(system);
    return { output: this.outputOf(system, actions), edges };
  }

  /** How long the input of time lasts, in milliseconds: until the next timer expires; without one as long as the longest timer. */
  waitOf(chart: SimulatedChart): number {
    return chart.left ?? Math.max(0, ...Object.values(this.delays));
  }

  expect(inputs: readonly string[]): ExpectedStep[] {
    const chart = this.connect();
    return inputs.map((input) => {
      const from = chart.state;
      const { output, edges } = this.apply(input, chart, chart);
      return { input, output, from, to: chart.state, edges };
    });
  }

  isError(output: string): boolean {
    return output.endsWith('chart error');
  }

  /** The model as a Mealy machine. Its states are those of the table with the time left of their timers. @throws {NotFiniteError} */
  machine(): MealyMachine {
    this.#machine ??= this.#explored();
    return this.#machine;
  }

  #explored(): MealyMachine {
    const first = this.connect();
    const found = new Map([[first.identity, first]]);
    const steps = new Map<string, Map<string, { to: string; output: string }>>();
    for (const [name, chart] of found) {
      const here = new Map<string, { to: string; output: string }>();
      steps.set(name, here);
      if (chart.isClosed) continue;
      for (const input of this.inputs) {
        const next = chart.copy();
        const { output } = this.apply(input, next, next);
        here.set(input, { to: next.identity, output: withTimer(input, output, chart.timer) });
        if (found.has(next.identity)) continue;
        if (found.size >= this.#limit) throw this.#tooMany();
        found.set(next.identity, next);
      }
    }
    return {
      initial: first.identity,
      states: [...found.keys()],
      inputs: this.inputs,
      step: (state, input) => steps.get(state)?.get(input) ?? { to: state, output: '' },
      isTerminal: (state) => found.get(state)?.isClosed ?? false,
      ...(this.playable && {
        isPossible: (state: string, input: string) =>
          this.isPossible(found.get(state)?.state ?? '', input),
      }),
    };
  }

  /** What a tester observes of a chart after a step. */
  outputOf(chart: SimulatedChart, actions: readonly string[]): string {
    const state = this.table.states[chart.state] ?? this.table.states[originalOf(chart.state)];
    const value = state?.value ?? '';
    const isError = chart.state.startsWith('error: ');
    const status = isError ? 'error' : chart.isClosed ? 'done' : 'active';
    const tags = this.outputs.includes('tags') ? tagsOf(this.chart.root, value) : [];
    return outputText({ actions, value, tags, status }, this.outputs);
  }

  #tooMany(): NotFiniteError {
    return new NotFiniteError(
      `the chart ${this.chart.id} has more than ${this.#limit} states with the time left of its timers (option limit). Give timers that run at the same time delays that are multiples of each other (option delays), or explore its parts one by one`,
      [],
    );
  }
}

/** Mutants have copies of states, named with a prime. */
function originalOf(state: string): string {
  return state.replace(/'+$/, '');
}

/** @throws {ExploreError} for a timer without a known delay. */
function delaysOf(
  id: string,
  { timers, delays, states }: ChartTable,
  given: Readonly<Record<string, number>>,
): Record<string, number> {
  const started = new Set(Object.values(states).flatMap((state) => state.timers));
  return Object.fromEntries(
    timers.map((timer) => {
      const delay = given[timer] ?? delays[timer] ?? (started.has(timer) ? undefined : 0);
      if (typeof delay === 'number' && delay >= 0) return [timer, delay];
      const why =
        delay === undefined
          ? 'its delay is not always the same'
          : `${JSON.stringify(delay)} is not a number of milliseconds, 0 or more`;
      throw new ExploreError(
        'UNKNOWN_DELAY',
        `the timer ${timer} of the chart ${id} has no known delay: ${why}. Give it in milliseconds (option delays: { ${JSON.stringify(timer)}: 1000 })`,
      );
    }),
  );
}

function listed(observed: readonly Observable[]): string {
  const names = observed.map((one) => ({ actions: 'action', value: 'state', tags: 'tag' })[one]);
  return names.join(', ').replace(/, ([^,]*)$/, ' or $1');
}
