/** A suite: the cases of one criterion, each one connection to a server, with what is to be expected of it. */
import type { ExpectedStep, ServerInput, ServiceAnswer } from '../../registration/sut/index.js';

/** What stands on top of a suite. */
export interface SuiteHeader {
  /** The version of the format. */
  readonly suite: 1;
  /** `states`, `transitions`, `pairs`, `w0`, `w1`, `w2` or `random:N`. */
  readonly criterion: string;
  /** What a server that passes is known to be, in one sentence. */
  readonly guarantee: string;
  /** Of a random suite; null for the others. */
  readonly seed: number | null;
  /** The alphabet. */
  readonly inputs: readonly ServerInput[];
  /** What the service is expected to answer to a registered client's message. */
  readonly answers: ServiceAnswer;
  /** How many cases there are, and inputs in all of them. */
  readonly cases: number;
  readonly steps: number;
}

/** One connection: inputs, one after the other, each with what is expected of the server. */
export interface Case {
  /** The same for the same inputs in every suite: the inputs, joined with commas. */
  readonly id: string;
  readonly steps: readonly ExpectedStep[];
}

/** What a case is called: the same for the same inputs, wherever they are played. */
export function caseIdOf(inputs: readonly ServerInput[]): string {
  return inputs.join(',');
}

export interface Suite extends SuiteHeader {
  /** Made one after the other, as they are asked for; the same each time. */
  [Symbol.iterator](): Iterator<Case>;
}
