/** What a suite is generated from: a deterministic model of the system under test, as a tester sees it. */
import type { MealyMachine } from '../mealy/mealy-machine.js';

/** One input of a case and the expected reaction of the system. */
export interface ExpectedStep<Input extends string = string> {
  readonly input: Input;
  /** The outputs, in order, as one text, e.g. `EventError closed`; empty for no output. */
  readonly output: string;
  /** The states before and after the step. */
  readonly from: string;
  readonly to: string;
  /** Ids of the transitions that the chart takes (`Edge`). */
  readonly edges: readonly string[];
}

/** Assumptions of a model by name, each one of a few words, e.g. `{ answers: 'ack' }`. A suite file keeps them in its header. */
export type SuiteSettings = Readonly<Record<string, string>>;

/** The model of one connection or session; a new one is the reset. */
export interface TestModel<
  Input extends string = string,
  Settings extends SuiteSettings = SuiteSettings,
> {
  /** The alphabet. */
  readonly inputs: readonly Input[];
  readonly settings: Settings;
  /** The outputs that a suite checks, for the sentence about its guarantee, e.g. `every wrong output`. */
  readonly checkedOutputs: string;
  /** What no test over this alphabet can find, as a clause for the same sentence. */
  readonly blindSpots: string;
  /** What the sentence calls the systems under test and their sessions. @default servers, connections */
  readonly plurals?: { readonly systems: string; readonly sessions: string };
  machine(): MealyMachine;
  /** The expected steps for a sequence of inputs. */
  expect(inputs: readonly Input[]): readonly ExpectedStep<Input>[];
  /**
   * The inputs of a sequence that a tester can give, where the interface of the system does not offer every input in every state.
   * @default all of them
   */
  playable?(inputs: readonly Input[]): readonly Input[];
  /** Whether an output contains an error. Random cases have a limited number of errors. */
  isError(output: string): boolean;
}
