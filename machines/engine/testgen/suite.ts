/** A suite: the cases of one criterion, each one session with the system under test and the expected outputs. */
import type { ExpectedStep } from './model.js';

/** The first part of a suite: what it is, without its cases. It has the settings of its model, too. */
export type SuiteHeader<
  Input extends string = string,
  Settings extends object = object,
> = SuiteFacts<Input> & Settings;

interface SuiteFacts<Input extends string> {
  /** The version of the format. */
  readonly suite: 1;
  /** `states`, `transitions`, `pairs`, `w0`, `w1`, `w2` or `random:N`. */
  readonly criterion: string;
  /** The guarantee for a system that passes, in one sentence. */
  readonly guarantee: string;
  /** The seed of a random suite; null for the others. */
  readonly seed: number | null;
  /** The alphabet. */
  readonly inputs: readonly Input[];
  /** The number of cases, and of inputs in all of them. */
  readonly cases: number;
  readonly steps: number;
}

/** One session: inputs, one after the other, each with the expected output. */
export interface Case<Input extends string = string> {
  /** The inputs, joined with commas: equal for equal inputs in every suite. */
  readonly id: string;
  readonly steps: readonly ExpectedStep<Input>[];
}

/** The id of a case with these inputs. */
export function caseIdOf(inputs: readonly string[]): string {
  return inputs.join(',');
}

export type Suite<Input extends string = string, Settings extends object = object> = SuiteHeader<
  Input,
  Settings
> & {
  /** Generates the cases one after the other; the same cases each time. */
  [Symbol.iterator](): Iterator<Case<Input>>;
};
