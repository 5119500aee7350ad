/** The contract of a protocol: everything that the engine's tools need of it. */
import type { AnyStateMachine } from 'xstate';
import type { CoveredChart } from './coverage/chart-steps.js';
import type { Edge } from './table/edges.js';
import type { SuiteWords } from './testgen/formats/words.js';
import type { SuiteSettings, TestModel } from './testgen/model.js';
import type { SimulatedSystem, SimulationModel } from './testgen/simulation.js';
import type { SuiteNames } from './testgen/suite-file.js';

export interface Protocol<
  State extends string,
  E extends Edge,
  Seat extends string,
  Input extends string,
  Settings extends SuiteSettings,
  System extends SimulatedSystem<System>,
> {
  readonly machine: AnyStateMachine;
  /** The default delays in milliseconds, by the names of the chart's timers. */
  readonly timers: Readonly<Record<string, number>>;
  /** States, transitions, seats and table of the chart. */
  readonly chart: CoveredChart<State, E, Seat>;
  /** A tester's inputs and the other names in suite files. */
  readonly names: SuiteNames<Input, Settings>;
  /** The texts of suite formats. */
  readonly words: SuiteWords<Input, Settings>;
  /** The model of the system under test, from which suites are generated and in which mutants run. */
  model(settings?: Partial<Settings>): TestModel<Input, Settings> & SimulationModel<Input, System>;
}
