/** Checks the properties of the registration chart run by a server and a client together; finds the shortest counterexample to each. */

import { lassoOf } from '../../engine/checking/lasso.js';
import { Search } from '../../engine/checking/search.js';
import type { ChartTable } from '../../engine/table/table.js';
import { registrationTable } from '../chart/registration-table.js';
import type { GlobalState } from './global-state.js';
import { Model, type SeatMistakes } from './model.js';
import { describeModelStep, type ModelStep } from './model-step.js';
import { type CheckedProperty, type CheckedPropertyId, checkedProperties } from './properties.js';

export const checkBounds = { min: 1, max: 4, usual: 3 } as const;

export interface CheckOptions {
  /** Maximum number of messages in flight in each direction, 1 to 4. @default 3 */
  readonly bound?: number | undefined;
  /** The server's chart. @default registrationTable() */
  readonly server?: ChartTable | undefined;
  /** The client's chart. @default registrationTable() */
  readonly client?: ChartTable | undefined;
  /** Faults of the seats, to test the checker. @default none */
  readonly mistakes?: SeatMistakes | undefined;
  /** Maximum number of states, 1 or more. @default 5000000 */
  readonly limit?: number | undefined;
  /** Called every few thousand states with the number found so far. */
  readonly onProgress?: ((states: number) => void) | undefined;
}

/** The search through all sessions of a server and a client. */
export type ProductSearch = Search<GlobalState, ModelStep, CheckedPropertyId, Model>;

/** A step of a counterexample. */
export interface CounterexampleStep extends ModelStep {
  /** Without a full stop. */
  readonly sentence: string;
  /** The states of the two charts after the step. */
  readonly server: string;
  readonly client: string;
  /** The running timers of the server after the step. */
  readonly timers: readonly string[];
}

/** A session that violates a property, with the fewest steps; for an endless one, with the shortest way into the cycle. */
export interface Counterexample {
  readonly property: CheckedPropertyId;
  readonly steps: readonly CounterexampleStep[];
  /** For an endless session, the number of steps before the repeated ones; null when the session ends. */
  readonly repeatsFrom: number | null;
}

export type PropertyResult = CheckedProperty & {
  /** Null when the property holds. */
  readonly counterexample: Counterexample | null;
};

export interface CheckResult {
  readonly bound: number;
  /** Reachable global states: both charts, the messages in flight and the owed answers. */
  readonly states: number;
  readonly transitions: number;
  readonly results: readonly PropertyResult[];
}

/**
 * Explores everything that a server and a client can do, in every order. Takes about one second with bound 3 and ten with bound 4.
 * @throws {RangeError} for a bound or a limit that is out of range, charts that are too large, and more states than the limit.
 */
export function checkRegistration(options: CheckOptions = {}): CheckResult {
  const search = searchOf(options);
  const results = checkedProperties.map((property) => ({
    ...property,
    counterexample: counterexampleTo(property.id, search),
  }));
  const { states, transitions } = search;
  return { bound: options.bound ?? checkBounds.usual, states, transitions, results };
}

/** As `checkRegistration`; the search itself, to compare other models with. */
export function searchOf(options: CheckOptions): ProductSearch {
  const { bound = checkBounds.usual, limit = 5_000_000, onProgress, mistakes } = options;
  const { min, max } = checkBounds;
  if (!Number.isInteger(bound) || bound < min || bound > max) {
    throw new RangeError(`the bound is ${bound}; allowed: a whole number from ${min} to ${max}`);
  }
  if (!(limit >= 1)) throw new RangeError(`the limit is ${limit}; allowed: 1 or more`);
  const { server = registrationTable(), client = registrationTable() } = options;
  const search: ProductSearch = new Search(new Model({ server, client, bound, mistakes }));
  search.run({ limit, onProgress });
  return search;
}

function counterexampleTo(
  property: CheckedPropertyId,
  search: ProductSearch,
): Counterexample | null {
  if (property === 'end') return endless(search);
  const violation = search.violations.get(property);
  if (!violation) return null;
  const steps = search.pathTo(violation.state).map((one) => shown(one, search));
  if (violation.step) steps.push(lastStep(violation.state, violation.step, search));
  return { property, steps, repeatsFrom: null };
}

function endless(search: ProductSearch): Counterexample | null {
  const lasso = lassoOf(search);
  if (!lasso) return null;
  const way = search.pathTo(lasso.state);
  const steps = [...way, ...lasso.cycle].map((one) => shown(one, search));
  return { property: 'end', steps, repeatsFrom: way.length };
}

function shown({ step, state }: { step: ModelStep; state: number }, search: ProductSearch) {
  return after(step, search.state(state), search);
}

/** The step that breaks a property may lead to a known state. */
function lastStep(from: number, step: ModelStep, search: ProductSearch): CounterexampleStep {
  let next = search.state(from);
  search.model.each(next, (taken, to) => {
    if (taken === step) next = to;
  });
  return after(step, next, search);
}

function after(step: ModelStep, state: GlobalState, { model }: ProductSearch): CounterexampleStep {
  const { server, client } = model;
  return {
    ...step,
    sentence: describeModelStep(step),
    server: server.names[state.server] ?? '',
    client: client.names[state.client] ?? '',
    timers: server.timers.filter((_, index) => state.timers & (1 << index)),
  };
}
