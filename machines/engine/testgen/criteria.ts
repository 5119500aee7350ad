/** Criteria: what the cases of a suite must do, and what a server that passes them is then known to be. */
import type { ServiceAnswer } from '../../registration/sut/index.js';

/** What each criterion asks for, in a fixed order, the weakest first. */
export const criteria = {
  states: 'reaches every state',
  transitions: 'takes every transition',
  pairs: 'takes every two transitions that can follow each other',
  w0: 'the W-method for servers with no more states than the model',
  w1: 'the W-method for servers with one state more',
  w2: 'the W-method for servers with two states more',
  'random:N': 'N connections drawn at random',
} as const;

export type Criterion = Exclude<keyof typeof criteria, 'random:N'> | `random:${number}`;

/** As many random cases as there can be. */
export const maxRandomCases = 100_000;

const random = /^random:([1-9]\d{0,9})$/;

/**
 * Reads a criterion.
 * @throws {RangeError} saying what is allowed.
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

/** How many cases a random criterion asks for; null for the others. */
export function randomCasesOf(criterion: Criterion): number | null {
  const count = random.exec(criterion)?.[1];
  return count === undefined ? null : Number(count);
}

/** How many more states than the model a server may have whose every mistake is found; null for a criterion that is not a W-method. */
export function extraStatesOf(criterion: Criterion): number | null {
  return criterion === 'w0' ? 0 : criterion === 'w1' ? 1 : criterion === 'w2' ? 2 : null;
}

/**
 * What is known of a server that passes, in one sentence.
 * @param states of the model's minimal form; @param inputs in the alphabet; @param cases as many as a random suite really has.
 */
export function guaranteeOf(
  criterion: Criterion,
  {
    states,
    inputs,
    cases,
    answers,
  }: { states: number; inputs: number; cases: number; answers: ServiceAnswer },
): string {
  const outputs =
    answers === 'any' ? 'every wrong output but those of the service' : 'every wrong output';
  const extra = extraStatesOf(criterion);
  if (extra !== null) {
    const more = extra === 0 ? 'n' : `n + ${extra}`;
    return `finds ${outputs} and every wrong target in deterministic servers with up to ${more} = ${states + extra} states over this alphabet of ${inputs} inputs; ${leftOut}`;
  }
  switch (criterion) {
    case 'states':
      return `reaches each of the ${states} states of the model; finds a wrong output or a wrong target only where one lies on the way`;
    case 'transitions':
      return `takes every transition of the model; finds ${outputs} in servers without a wrong target, and wrong targets by chance`;
    case 'pairs':
      return `takes every two transitions of the model that can follow each other; finds ${outputs} in servers without a wrong target, and many wrong targets, but not surely all`;
    default:
      return `draws ${cases} connections at random; what is wrong is found by chance, nothing is guaranteed`;
  }
}

/** What no test over this alphabet can say. */
const leftOut =
  'it leaves out what goes on between connections, messages that come in pieces or before the last one is answered, what a message carries beyond its kind, and all moments but those shortly before and after a deadline';
