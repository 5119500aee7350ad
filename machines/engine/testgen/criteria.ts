/** Criteria: what the cases of a suite must do, and the guarantee for a server that passes. */
import type { TestModel } from './model.js';

/** Each criterion with its requirement, in a fixed order, the weakest first. */
export const criteria = {
  states: 'reaches every state',
  transitions: 'takes every transition',
  pairs: 'takes every two transitions that can follow each other',
  w0: 'the W-method for systems with no more states than the model',
  w1: 'the W-method for systems with one state more',
  w2: 'the W-method for systems with two states more',
  'random:N': 'N sessions drawn at random',
} as const;

export type Criterion = Exclude<keyof typeof criteria, 'random:N'> | `random:${number}`;

/** Maximum number of random cases. */
export const maxRandomCases = 100_000;

const random = /^random:([1-9]\d{0,9})$/;

/**
 * Reads a criterion.
 * @throws {RangeError} whose message lists the allowed criteria.
 */
export function parseCriterion(text: string): Criterion {
  if (text !== 'random:N' && Object.hasOwn(criteria, text)) return text as Criterion;
  const count = randomCasesOf(text as Criterion);
  if (count !== null && count <= maxRandomCases) return text as Criterion;
  const allowed = Object.keys(criteria).join(', ');
  const shown = JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
  throw new RangeError(
    `there is no criterion ${shown}; allowed: ${allowed} with N from 1 to ${maxRandomCases}`,
  );
}

/** The number of cases of a random criterion; null for the others. */
export function randomCasesOf(criterion: Criterion): number | null {
  const count = random.exec(criterion)?.[1];
  return count === undefined ? null : Number(count);
}

/** How many states more than the model a server may have for the W-method to find every mistake; null for other criteria. */
export function extraStatesOf(criterion: Criterion): number | null {
  return criterion === 'w0' ? 0 : criterion === 'w1' ? 1 : criterion === 'w2' ? 2 : null;
}

/** The facts about a suite that its guarantee names. */
export interface GuaranteeFacts {
  /** The number of states of the model's minimal form. */
  readonly states: number;
  /** The number of cases; a random suite may have fewer than it asks for. */
  readonly cases: number;
  readonly model: Pick<TestModel, 'inputs' | 'checkedOutputs' | 'blindSpots' | 'plurals'>;
}

/** The guarantee for a server that passes, in one sentence. */
export function guaranteeOf(
  criterion: Criterion,
  { states, cases, model }: GuaranteeFacts,
): string {
  const { inputs, checkedOutputs, blindSpots } = model;
  const { systems = 'servers', sessions = 'connections' } = model.plurals ?? {};
  const extra = extraStatesOf(criterion);
  if (extra !== null) {
    const more = extra === 0 ? 'n' : `n + ${extra}`;
    return `finds ${checkedOutputs} and every wrong target in deterministic ${systems} with up to ${more} = ${states + extra} states over this alphabet of ${inputs.length} inputs; ${blindSpots}`;
  }
  switch (criterion) {
    case 'states':
      return `reaches each of the ${states} states of the model; finds only the wrong outputs and wrong targets on its paths`;
    case 'transitions':
      return `takes every transition of the model; finds ${checkedOutputs} in ${systems} without a wrong target, and wrong targets by chance`;
    case 'pairs':
      return `takes every two transitions of the model that can follow each other; finds ${checkedOutputs} in ${systems} without a wrong target, and many wrong targets, but possibly not all`;
    default:
      return `draws ${cases} ${sessions} at random; finds mistakes by chance and guarantees nothing`;
  }
}
