/** Plays suites against systems under test. */
import type { ExpectedStep } from '../testgen/model.js';
import type { Case } from '../testgen/suite.js';

/** A system that a suite is played against: each case is one session with it. */
export interface SystemUnderTest<Input extends string = string> {
  /** Starts a new session in its first state. */
  start(): TestedSession<Input> | Promise<TestedSession<Input>>;
}

/** One session with a system under test. */
export interface TestedSession<Input extends string = string> {
  /**
   * Gives an input.
   * @param expected the step of the suite; it tells e.g. how long to wait.
   * @returns the observed output, in the form of the suite's `output`.
   */
  take(input: Input, expected: ExpectedStep<Input>): string | Promise<string>;
  /** Ends the session, also after a failure. */
  close?(): void | Promise<void>;
}

/** The first difference of a case. */
export interface CaseFailure<Input extends string = string> {
  /** The index of the input, from 0. */
  readonly at: number;
  readonly input: Input;
  readonly expected: string;
  /** The observed output; null when the system under test failed. */
  readonly observed: string | null;
  /** The exception of the system under test; null without one. */
  readonly error: unknown;
}

export interface CaseResult<Input extends string = string> {
  /** The id of the case: its inputs. */
  readonly id: string;
  readonly passed: boolean;
  readonly failure: CaseFailure<Input> | null;
}

export interface SuiteResult<Input extends string = string> {
  readonly cases: number;
  readonly passed: number;
  /** The results of the cases that failed, at most `maxFailures`. */
  readonly failures: readonly CaseResult<Input>[];
}

export interface PlayOptions<Input extends string = string> {
  /** Sessions at the same time: a whole number from 1 to 1000. @default 1 */
  readonly concurrency?: number;
  /** Stops the run: no further case starts, and `playSuite` rejects with its reason. */
  readonly signal?: AbortSignal;
  /** Called after each case. */
  readonly onCase?: (result: CaseResult<Input>) => void;
}

/** Maximum number of failures that a result keeps. */
export const maxFailures = 1_000;

/** Plays one case. A system under test that throws fails the case. */
export async function playCase<Input extends string>(
  { id, steps }: Case<Input>,
  system: SystemUnderTest<Input>,
): Promise<CaseResult<Input>> {
  const failed = (at: number, observed: string | null, error: unknown = null) => {
    const { input, output } = steps[at] as ExpectedStep<Input>;
    return { id, passed: false, failure: { at, input, expected: output, observed, error } };
  };
  let session: TestedSession<Input>;
  try {
    session = await system.start();
  } catch (error) {
    return failed(0, null, error);
  }
  let at = 0;
  try {
    for (const step of steps) {
      const observed = await session.take(step.input, step);
      if (observed !== step.output) return failed(at, observed);
      at += 1;
    }
    return { id, passed: true, failure: null };
  } catch (error) {
    return failed(at, null, error);
  } finally {
    await session.close?.();
  }
}

/**
 * Plays every case of a suite, each in a new session.
 * @throws {RangeError} for an invalid concurrency; the signal's reason when it aborts.
 */
export async function playSuite<Input extends string>(
  suite: Iterable<Case<Input>>,
  system: SystemUnderTest<Input>,
  options: PlayOptions<Input> = {},
): Promise<SuiteResult<Input>> {
  const { concurrency = 1, signal, onCase } = options;
  if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > 1_000) {
    throw new RangeError(
      `invalid concurrency ${concurrency}: expected a whole number from 1 to 1000`,
    );
  }
  const cases = suite[Symbol.iterator]();
  const failures: CaseResult<Input>[] = [];
  let [played, passed] = [0, 0];
  const player = async () => {
    for (let next = cases.next(); !next.done; next = cases.next()) {
      signal?.throwIfAborted();
      const result = await playCase(next.value, system);
      played += 1;
      if (result.passed) passed += 1;
      else if (failures.length < maxFailures) failures.push(result);
      onCase?.(result);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, player));
  return { cases: played, passed, failures };
}

/** A case failed. */
export class CaseError extends Error {
  override readonly name = 'CaseError';
  readonly code = 'CASE_FAILED';
  /** The inputs so far, with their outputs; for test runners that show a difference. */
  readonly expected: string;
  readonly actual: string;
  readonly result: CaseResult;

  constructor(result: CaseResult, steps: readonly ExpectedStep[]) {
    const { at, input, expected, observed, error } = result.failure as CaseFailure;
    const before = steps.slice(0, at).map((step) => step.input);
    const path = before.length === 0 ? 'at the start' : `after ${before.join(', ')}`;
    const seen = observed === null ? messageOf(error) : shown(observed);
    super(`${input} ${path}: expected ${shown(expected)}, observed ${seen}`, { cause: error });
    this.result = result;
    const lines = steps.slice(0, at).map((step) => `${step.input}: ${step.output}`);
    this.expected = [...lines, `${input}: ${expected}`].join('\n');
    this.actual = [...lines, `${input}: ${observed ?? `failed: ${messageOf(error)}`}`].join('\n');
  }
}

/**
 * Plays one case as a test of any runner.
 * @throws {CaseError} at the first difference.
 */
export async function expectCase<Input extends string>(
  one: Case<Input>,
  system: SystemUnderTest<Input>,
): Promise<void> {
  const result = await playCase(one, system);
  if (!result.passed) throw new CaseError(result, one.steps);
}

function shown(output: string): string {
  return output === '' ? 'no output' : JSON.stringify(output);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
