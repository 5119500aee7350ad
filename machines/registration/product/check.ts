/** Proves the properties of the registration chart, run by a server and a client at once; or shows the shortest session without one. */

import { lassoOf } from '../../engine/checking/lasso.js';
import { Search } from '../../engine/checking/search.js';
import type { ChartTable } from '../../engine/table/table.js';
import { registrationTable } from '../chart/registration-table.js';
import { Model, type SeatMistakes } from './model.js';
import { describeModelStep, type ModelStep } from './model-step.js';
import { type CheckedProperty, type CheckedPropertyId, checkedProperties } from './properties.js';
import type { World } from './world.js';

export const checkBounds = { least: 1, most: 4, usual: 3 } as const;

export interface CheckOptions {
  /** Messages that are on their way in each direction, at most: 1 to 4. @default 3 */
  readonly bound?: number | undefined;
  /** The server's chart. @default registrationTable() */
  readonly server?: ChartTable | undefined;
  /** The client's chart. @default registrationTable() */
  readonly client?: ChartTable | undefined;
  /** Mistakes of the seats, to test the tests. @default none */
  readonly mistakes?: SeatMistakes | undefined;
  /** States at most, 1 or more. @default 5000000 */
  readonly limit?: number | undefined;
  /** Hears now and then how many states have been found. */
  readonly onProgress?: ((states: number) => void) | undefined;
}

/** The search through all sessions of a server and a client. */
export type ProductSearch = Search<World, ModelStep, CheckedPropertyId, Model>;

/** A step of a counterexample. */
export interface CounterexampleStep extends ModelStep {
  /** Without a full stop. */
  readonly sentence: string;
  /** The states of the two charts after it. */
  readonly server: string;
  readonly client: string;
  /** The server's timers that run after it. */
  readonly timers: readonly string[];
}

/** A session in which a property does not hold. No session with fewer steps breaks it; of one that goes on for ever the way in is shortest. */
export interface Counterexample {
  readonly property: CheckedPropertyId;
  readonly steps: readonly CounterexampleStep[];
  /** Where the steps go on for ever: how many come before those that are repeated. Null where it has an end. */
  readonly repeatsFrom: number | null;
}

export type PropertyResult = CheckedProperty & {
  /** Null when the property holds. */
  readonly counterexample: Counterexample | null;
};

export interface CheckResult {
  readonly bound: number;
  /** Worlds that can be reached: both charts, what is on its way between them and what is owed. */
  readonly states: number;
  readonly transitions: number;
  readonly results: readonly PropertyResult[];
}

/**
 * Goes through everything that a server and a client may do, in every order. Takes about a second with a bound of 3, and ten with 4.
 * @throws {RangeError} for a bound or a limit that is out of range, charts that are too large, and more states than the limit.
 */
export function checkModel(options: CheckOptions = {}): CheckResult {
  const search = searchOf(options);
  const results = checkedProperties.map((property) => ({
    ...property,
    counterexample: counterexampleTo(property.id, search),
  }));
  const { states, transitions } = search;
  return { bound: options.bound ?? checkBounds.usual, states, transitions, results };
}

/** As `checkModel`; the worlds themselves, to hold other models against. */
export function searchOf(options: CheckOptions): ProductSearch {
  const { bound = checkBounds.usual, limit = 5_000_000, onProgress, mistakes } = options;
  const { least, most } = checkBounds;
  if (!Number.isInteger(bound) || bound < least || bound > most) {
    throw new RangeError(`the bound is ${bound}; allowed: a whole number from ${least} to ${most}`);
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

/** The step that breaks a property need not lead to a world of its own. */
function lastStep(from: number, step: ModelStep, search: ProductSearch): CounterexampleStep {
  let next = search.state(from);
  search.model.each(next, (taken, to) => {
    if (taken === step) next = to;
  });
  return after(step, next, search);
}

function after(step: ModelStep, world: World, { model }: ProductSearch): CounterexampleStep {
  const { server, client } = model;
  return {
    ...step,
    sentence: describeModelStep(step),
    server: server.names[world.server] ?? '',
    client: client.names[world.client] ?? '',
    timers: server.timers.filter((_, index) => world.timers & (1 << index)),
  };
}
