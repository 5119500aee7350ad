/** Learns a system. The result is always the best machine so far, with a list of its gaps. */
import { stateCover, transitionCover } from '../mealy/covers.js';
import { characterizationSet } from '../mealy/distinguishing.js';
import { testEquivalence } from './equivalence.js';
import { type ExperimentOptions, Experiments } from './experiments.js';
import { Learner } from './learner.js';
import { BudgetError, NondeterministicError, TooManyStatesError } from './learning-errors.js';
import { guaranteeOf, type OracleOptions } from './oracles.js';
import { mealyOf, silence, type TimedMachine } from './timed-machine.js';
import type { Play, TimedSystem } from './timed-system.js';

export interface LearnOptions extends Partial<OracleOptions>, Partial<ExperimentOptions> {
  /** More states are a system that is not finite over these inputs. @default 50 */
  readonly maxStates?: number | undefined;
  /** Plays of an earlier run, which are not played again. */
  readonly known?: Iterable<Play> | undefined;
  /** Machines that the system may be. What tells their states apart is observed first, so that their hidden states are found at once. @default none */
  readonly candidates?: readonly TimedMachine[] | undefined;
  readonly onProgress?: ((progress: LearnProgress) => void) | undefined;
}

export interface LearnProgress {
  readonly phase: 'learning' | 'testing';
  readonly states: number;
  readonly connections: number;
  /** Words of the test that were tested. */
  readonly words: number;
}

/** Why a learning was not completed; an error of the system has a code. Null when it was. */
export type LearnEnd = Error | 'aborted' | null;

export interface LearnResult {
  readonly machine: TimedMachine;
  /** Null when it was not completed. */
  readonly guarantee: string | null;
  /** Words after which the timeout follows no single input. */
  readonly unexplained: readonly (readonly string[])[];
  readonly end: LearnEnd;
  readonly connections: number;
  readonly inputs: number;
  /** Plays that were discarded because this process stood still, and observations that a vote replaced. */
  readonly discarded: number;
  readonly repairs: number;
}

export const defaultOracle: OracleOptions = { oracle: 'wp', extraStates: 1, walks: 500, seed: 1 };

/**
 * Learns a system until a test finds no difference any more, the budget is used up or the signal aborts. The reason of the signal may be
 * a BudgetError, for a budget of time.
 * @throws errors of the system before the first play, e.g. when there is no connection
 */
export async function learn(system: TimedSystem, options: LearnOptions = {}): Promise<LearnResult> {
  const { connections = 16, maxStates = 50, known = [], signal, onProgress } = options;
  const oracle = { ...defaultOracle, ...withoutUndefined(options) };
  const experiments = new Experiments(system, { ...options, connections });
  experiments.restore(known);
  const learner = new Learner(experiments, maxStates);
  const tell = (phase: LearnProgress['phase'], states: number, words: number) =>
    onProgress?.({ phase, states, connections: experiments.connections, words });
  let end: LearnEnd = null;
  try {
    tell('learning', learner.states, 0);
    await learner.observeFirst(options.candidates?.flatMap((one) => statesOf(one, system)) ?? []);
    for (let isEqual = false; !isEqual; ) {
      tell('learning', learner.states, 0);
      const hypothesis = await learner.next();
      const onWord = (words: number) => tell('testing', learner.states, words);
      isEqual = await testEquivalence(hypothesis, learner, experiments, { ...oracle, onWord });
    }
  } catch (error) {
    end = endOf(error, signal);
    if (end === null || experiments.tree.size === 1) throw error;
  } finally {
    experiments.stop();
  }
  const { machine } = learner.current;
  const { unexplained } = learner.clocks;
  return {
    machine,
    guarantee: end === null && unexplained.length === 0 ? guaranteeOf(oracle) : null,
    unexplained,
    end,
    connections: experiments.connections,
    inputs: experiments.inputs,
    discarded: experiments.discarded,
    repairs: experiments.repairs,
  };
}

/** Words that take each edge of a machine and tell its states apart, of the inputs that the system has. */
function statesOf(machine: TimedMachine, { inputs, tolerance }: TimedSystem) {
  const mealy = mealyOf(machine, tolerance);
  const states = [...stateCover(mealy).values()];
  const apart = states.flatMap((access) =>
    characterizationSet(mealy).map((suffix) => [...access, ...suffix]),
  );
  return [...transitionCover(mealy), ...apart].filter((word) =>
    word.every((input) => input === silence || inputs.includes(input)),
  );
}

function endOf(error: unknown, signal: AbortSignal | undefined): LearnEnd {
  if (signal?.aborted) return signal.reason instanceof BudgetError ? signal.reason : 'aborted';
  const isEnd =
    error instanceof BudgetError ||
    error instanceof NondeterministicError ||
    error instanceof TooManyStatesError ||
    (error instanceof Error && 'code' in error);
  return isEnd ? error : null;
}

/**
 * The gaps of a learned machine, one sentence each: unobserved edges, unexplained timeouts, and why the learning ended early.
 * @param machine that of the result, perhaps with other names of states
 */
export function unknownOf(
  { states, inputs }: TimedMachine,
  { unexplained, end }: Pick<LearnResult, 'unexplained' | 'end'>,
): string[] {
  const unseen = states.flatMap(({ name, isClosed, edges }) =>
    isClosed ? [] : inputs.filter((input) => !edges[input]).map((input) => `${input} in ${name}`),
  );
  return [
    ...(end instanceof Error ? [end.message] : end ? ['the learning was stopped'] : []),
    ...(unseen.length > 0 ? [`not observed: ${unseen.join(', ')}`] : []),
    ...unexplained.map(
      (word) =>
        `the timeout after ${word.filter((input) => input !== silence).join(', ') || 'the connect'} follows no single input`,
    ),
  ];
}

function withoutUndefined<Values extends object>(values: Values): Partial<Values> {
  const given = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as Partial<Values>;
}
