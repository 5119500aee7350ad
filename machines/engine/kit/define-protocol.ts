import type { AnyStateMachine } from 'xstate';
import type { CoveredChart } from '../coverage/chart-steps.js';
import { quiescence } from '../mealy/mealy-machine.js';
import type { SimulatedChart } from '../model/simulated-chart.js';
import type { Protocol } from '../protocol.js';
import { type Edge, edgesOf } from '../table/edges.js';
import { exploreMachine } from '../table/explore.js';
import type { SuiteWords } from '../testgen/formats/words.js';
import type { SuiteSettings } from '../testgen/model.js';
import { checkDefinition } from './check-definition.js';
import type {
  ProtocolDefinition,
  ProtocolFigure,
  ProtocolProperty,
  Statement,
} from './definition.js';
import { ProtocolModel, waiting } from './protocol-model.js';
import { protocolWords } from './protocol-words.js';
import type { Wire } from './wire.js';

export interface ProtocolModelOptions {
  /** Lengths in milliseconds that replace those of the description. */
  readonly timers?: Readonly<Record<string, number>>;
  /** Inputs to leave out of the alphabet. @default none */
  readonly without?: readonly string[];
}

/** A protocol with its mapper: what a module that `--protocol` loads exports. */
export interface LiveProtocol {
  readonly protocol: ChartProtocol;
  readonly wire: Wire;
}

/** A protocol of one connection, made of a description. Every tool of the engine and `--protocol` take it. */
export interface ChartProtocol
  extends Protocol<string, Edge, string, string, SuiteSettings, SimulatedChart> {
  readonly name: string;
  readonly title: string;
  readonly system: string;
  /** The timers whose length is unknown until a tester states it. */
  readonly chosenByServer: readonly string[];
  /** The allowed values of each setting; the first one is the default. */
  readonly settings: Readonly<Record<string, readonly string[]>>;
  /** The words, with what `--protocol` loads the protocol from: a name, or the path of a file. */
  wordsFrom(source: string): SuiteWords;
  model(settings?: Partial<SuiteSettings>, options?: ProtocolModelOptions): ProtocolModel;
  figures(settings: SuiteSettings): readonly ProtocolFigure[];
  statements(settings: SuiteSettings): readonly Statement[];
  readonly properties: readonly ProtocolProperty[];
}

/**
 * Makes a protocol of its description.
 * @throws {ProtocolError} when parts of the description do not fit together; {ExploreError} when the machine cannot be explored.
 */
export function defineProtocol<
  Input extends string,
  Settings extends SuiteSettings = SuiteSettings,
>(definition: ProtocolDefinition<Input, Settings>): ChartProtocol {
  const { name, title, system, timers = {}, chosenByServer = [] } = definition;
  const choices: Readonly<Record<string, readonly string[]>> = definition.settings ?? {};
  const charts = combinations(choices).map((settings) => {
    const chart = chartOf(definition, settings as Settings);
    checkDefinition(definition, settings as Settings, chart);
    return { settings, chart };
  });
  const complete = (given: Partial<SuiteSettings>) =>
    Object.fromEntries(
      Object.entries(choices).map(([key, [first = '']]) => [key, given[key] ?? first]),
    );
  const chartFor = (settings: SuiteSettings) =>
    charts.find((one) => Object.keys(choices).every((key) => one.settings[key] === settings[key]))
      ?.chart as CoveredChart;
  const parts = Object.keys(definition.inputs);
  const inputs = Object.keys(timers).length === 0 ? parts : [...parts, waiting, quiescence];
  const chart = chartFor(complete({}));
  return {
    name,
    title,
    system,
    machine: machineOf(definition, complete({}) as Settings),
    timers,
    chosenByServer,
    settings: choices,
    chart,
    names: { inputs, states: chart.states, settings: { protocol: [name], ...choices } },
    words: protocolWords(definition, name),
    wordsFrom: (source) => protocolWords(definition, source),
    model(given = {}, options = {}) {
      const settings = complete(given);
      const outputs = Object.entries(definition.outputs(settings as Settings)).map(
        ([action, output]) => [action, typeof output === 'string' ? [output] : output] as const,
      );
      return new ProtocolModel({
        table: chartFor(settings).table(),
        inputs: inputs.filter((input) => !options.without?.includes(input)),
        settings: { protocol: name, ...settings },
        outputs: new Map(outputs),
        timers: { ...timers, ...options.timers },
      });
    },
    figures: (settings) => definition.figures?.(settings as Settings) ?? [],
    statements: (settings) => definition.statements?.(settings as Settings) ?? [],
    properties: definition.properties ?? [],
  };
}

function machineOf<Input extends string, Settings extends SuiteSettings>(
  { machine }: ProtocolDefinition<Input, Settings>,
  settings: Settings,
): AnyStateMachine {
  return typeof machine === 'function' ? machine(settings) : machine;
}

function chartOf<Input extends string, Settings extends SuiteSettings>(
  definition: ProtocolDefinition<Input, Settings>,
  settings: Settings,
): CoveredChart {
  const machine = machineOf(definition, settings);
  const table = exploreMachine(machine);
  return {
    states: Object.keys(table.states),
    edges: edgesOf(machine),
    seats: ['server'],
    isFinal: (state) => table.states[state]?.isFinal ?? false,
    isUnexpected: () => false,
    table: () => table,
  };
}

/** Every combination of the values of settings. */
function combinations(choices: Readonly<Record<string, readonly string[]>>): SuiteSettings[] {
  return Object.entries(choices).reduce<SuiteSettings[]>(
    (all, [name, values]) =>
      all.flatMap((one) => values.map((value) => ({ ...one, [name]: value }))),
    [{}],
  );
}
