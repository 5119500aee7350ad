/** The server that a protocol's chart describes, as the tester of one connection sees it. */
import { type MealyMachine, quiescence, withTimer } from '../mealy/mealy-machine.js';
import { type ChartTable, stepOf } from '../table/table.js';
import type { ExpectedStep, SuiteSettings, TestModel } from '../testgen/model.js';
import type { SimulationModel } from '../testgen/simulation.js';
import { ChartSession } from './chart-session.js';

/** The input of letting time pass until shortly before the deadline. */
export const waiting = 'wait';

/** Whether an input is time that passes. */
export function isTime(input: string): boolean {
  return input === waiting || input === quiescence;
}

/** What a model is made of. */
export interface ChartModelParts<Input extends string, Settings extends SuiteSettings> {
  readonly table: ChartTable;
  readonly inputs: readonly Input[];
  readonly settings: Settings;
  /** The outputs of each action: the expected one, then the others that are allowed. */
  readonly outputs: ReadonlyMap<string, readonly string[]>;
  /** The length of each timer in milliseconds. */
  readonly timers: Readonly<Record<string, number>>;
}

/** It is deterministic, and its states are those of the chart. A new connection is the reset. */
export class ChartModel<Input extends string, Settings extends SuiteSettings>
  implements TestModel<Input, Settings>, SimulationModel<Input, ChartSession>
{
  readonly table: ChartTable;
  readonly inputs: readonly Input[];
  readonly settings: Settings;
  /** The length of each timer in milliseconds. */
  readonly timers: Readonly<Record<string, number>>;
  /** Tolerance before and after a deadline, in milliseconds: a tenth of the shortest timer. */
  readonly margin: number;
  readonly checkedOutputs = 'every wrong output';
  readonly blindSpots =
    'it does not test behaviour between connections, messages in pieces or before the previous answer, the content of messages beyond their kind, or moments other than shortly before and after a deadline';
  readonly #outputs: ReadonlyMap<string, readonly string[]>;

  constructor(parts: ChartModelParts<Input, Settings>) {
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

  connect(table: ChartTable = this.table): ChartSession {
    return new ChartSession(table, this.timers);
  }

  /** The expected steps for a sequence of inputs. */
  expect(inputs: readonly Input[]): ExpectedStep<Input>[] {
    const session = this.connect();
    return inputs.map((input) => {
      const from = session.state;
      const { output } = this.apply(input, session, session);
      return { input, output, from, to: session.state, edges: session.taken() };
    });
  }

  /** Gives an input to the model and to a server beside it. The deadlines of the model decide how long time inputs last. */
  apply(input: Input, model: ChartSession, system: ChartSession): { readonly output: string } {
    const both = model === system ? [model] : [model, system];
    const { left } = model;
    const pass = (milliseconds: number) =>
      both.map((one) => this.textOf(one.pass(milliseconds))).at(-1) ?? '';
    if (input === waiting)
      return { output: pass(Math.max(0, (left ?? 2 * this.margin) - this.margin)) };
    if (input === quiescence) {
      const early = pass((left ?? Math.max(...Object.values(this.timers))) - this.margin);
      const onTime = pass(2 * this.margin);
      return { output: [early && `early ${early}`, onTime].filter(Boolean).join(' ') };
    }
    return { output: both.map((one) => this.textOf(one.take(input))).at(-1) ?? '' };
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

  /** The first timer that runs in a state; null without one. */
  timerIn(state: string): string | null {
    return this.table.states[state]?.timers[0] ?? null;
  }

  /** The expected outputs of actions, without empty ones, joined with spaces. */
  textOf(actions: readonly string[]): string {
    return this.outputsOf(actions).join(' ');
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
