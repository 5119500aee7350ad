/** The server that a protocol's chart describes, as the tester of one connection sees it. */

import { type MealyMachine, quiescence, withTimer } from '../mealy/mealy-machine.js';
import { SimulatedChart, type SimulatedReaction } from '../model/simulated-chart.js';
import { type ChartTable, stepOf } from '../table/table.js';
import type { ExpectedStep, SuiteSettings, TestModel } from '../testgen/model.js';
import type { SimulationModel } from '../testgen/simulation.js';

/** The input of letting time pass until shortly before the deadline. */
export const waiting = 'wait';

/** Whether an input is time that passes. */
export function isTime(input: string): boolean {
  return input === waiting || input === quiescence;
}

/** What a model is made of. */
export interface ProtocolModelParts {
  readonly table: ChartTable;
  readonly inputs: readonly string[];
  readonly settings: SuiteSettings;
  /** The outputs of each action: the expected one, then the others that are allowed. */
  readonly outputs: ReadonlyMap<string, readonly string[]>;
  /** The length of each timer in milliseconds. */
  readonly timers: Readonly<Record<string, number>>;
}

/** It is deterministic, and its states are those of the chart. A new connection is the reset. */
export class ProtocolModel implements TestModel, SimulationModel<string, SimulatedChart> {
  readonly table: ChartTable;
  readonly inputs: readonly string[];
  readonly settings: SuiteSettings;
  /** The length of each timer in milliseconds. */
  readonly timers: Readonly<Record<string, number>>;
  /** Tolerance before and after a deadline, in milliseconds: a tenth of the shortest timer. */
  readonly margin: number;
  readonly checkedOutputs = 'every wrong output';
  readonly blindSpots =
    'it does not test behaviour between connections, messages in pieces or before the previous answer, the content of messages beyond their kind, or moments other than shortly before and after a deadline';
  readonly #outputs: ReadonlyMap<string, readonly string[]>;

  constructor(parts: ProtocolModelParts) {
    this.table = parts.table;
    this.inputs = parts.inputs;
    this.settings = parts.settings;
    this.timers = parts.timers;
    this.#outputs = parts.outputs;
    this.margin = Math.min(...Object.values(parts.timers)) / 10;
  }

  /** The kit has no word for errors, so the length of a random case is its only limit. */
  isError(): boolean {
    return false;
  }

  connect(table: ChartTable = this.table): SimulatedChart {
    return new SimulatedChart(table, this.timers);
  }

  /** The expected steps for a sequence of inputs. */
  expect(inputs: readonly string[]): ExpectedStep[] {
    const session = this.connect();
    return inputs.map((input) => {
      const from = session.state;
      const { output, edges } = this.apply(input, session, session);
      return { input, output, from, to: session.state, edges };
    });
  }

  /**
   * Gives an input to the model and to a server beside it, which may be the model itself. The deadlines of the model decide how long time
   * inputs last.
   * @returns the output of the server and the transitions that it took.
   */
  apply(
    input: string,
    model: SimulatedChart,
    system: SimulatedChart,
  ): { readonly output: string; readonly edges: readonly string[] } {
    const both = model === system ? [model] : [model, system];
    const { left } = model;
    const react = (one: (chart: SimulatedChart) => SimulatedReaction) => {
      const { actions, edges } = both.map(one).at(-1) as SimulatedReaction;
      return { output: this.outputsOf(actions).join(' '), edges };
    };
    const pass = (milliseconds: number) => react((chart) => chart.pass(milliseconds));
    if (input === waiting) return pass(Math.max(0, (left ?? 2 * this.margin) - this.margin));
    if (input !== quiescence) return react((chart) => chart.send(input));
    const early = pass((left ?? Math.max(...Object.values(this.timers))) - this.margin);
    const onTime = pass(2 * this.margin);
    const words = [early.output && `early ${early.output}`, onTime.output];
    return { output: words.filter(Boolean).join(' '), edges: [...early.edges, ...onTime.edges] };
  }

  /** Every output that is allowed in a step, the expected one first. */
  allowed({ from, input, output }: Pick<ExpectedStep, 'from' | 'input' | 'output'>): string[] {
    if (input === waiting) return [output];
    const event = input === quiescence ? this.timerIn(from) : input;
    if (event === null) return [output];
    const choices = stepOf(this.table, from, event).actions.map((action) => this.#of(action));
    const all = choices.reduce<readonly string[][]>(
      (texts, words) => words.flatMap((word) => texts.map((text) => [...text, word])),
      [[]],
    );
    return all.map((parts) => parts.filter(Boolean).join(' '));
  }

  /** The first of some timers during which inputs let time pass; null without one. */
  timerNeeded(inputs: readonly string[], timers: readonly string[]): string | null {
    const waited = this.expect(inputs).flatMap(({ input, from }) =>
      isTime(input) ? [this.timerIn(from)] : [],
    );
    return waited.find((timer) => timer !== null && timers.includes(timer)) ?? null;
  }

  /** Inputs without those that let time pass while one of these timers runs. They end before such a timer would expire. */
  withoutWaits(inputs: readonly string[], timers: readonly string[]): string[] {
    const kept: string[] = [];
    for (const { input, from } of this.expect(inputs)) {
      const isUnknown = isTime(input) && timers.includes(this.timerIn(from) ?? '');
      if (isUnknown && input === quiescence) break;
      if (!isUnknown) kept.push(input);
    }
    return kept;
  }

  /** The first timer that runs in a state; null without one. */
  timerIn(state: string): string | null {
    return this.table.states[state]?.timers[0] ?? null;
  }

  /** The expected outputs of actions, without empty ones. */
  outputsOf(actions: readonly string[]): string[] {
    return actions.map((action) => this.#of(action)[0] ?? '').filter((word) => word !== '');
  }

  machine(): MealyMachine {
    const found = new Map([[this.table.initial, this.connect()]]);
    const steps = new Map<string, { to: string; output: string }>();
    for (const [state, session] of found) {
      for (const input of this.inputs) {
        const next = session.copy();
        const output = withTimer(input, this.apply(input, next, next).output, session.timer);
        steps.set(`${state} ${input}`, { to: next.state, output });
        if (!found.has(next.state)) found.set(next.state, next);
      }
    }
    return {
      initial: this.table.initial,
      states: [...found.keys()],
      inputs: this.inputs,
      step: (state, input) => steps.get(`${state} ${input}`) ?? { to: state, output: '' },
      isTerminal: (state) => found.get(state)?.isClosed ?? false,
    };
  }

  #of(action: string): readonly string[] {
    return this.#outputs.get(action) ?? [];
  }
}
