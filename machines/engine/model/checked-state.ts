/** The states of a table as properties see them. */
import type { AnyStateMachine, StateValue } from 'xstate';
import { ExploreError } from '../table/explore-error.js';
import type { TableState } from '../table/table.js';
import { tagsOf } from './tags.js';

/** A state of a chart, for the predicates of properties. */
export interface CheckedState {
  /** Its name in the table: the state value and what of the context decides. */
  readonly name: string;
  readonly value: StateValue;
  readonly tags: readonly string[];
  /** The timers and the actors that run. */
  readonly timers: readonly string[];
  readonly actors: readonly string[];
  /** The keys of the context that decide. To read another key throws: its value may differ each time the state is reached. */
  readonly context: Readonly<Record<string, unknown>>;
  /** Whether the chart has ended or failed. */
  readonly isFinal: boolean;
  /** Whether an exception led here. */
  readonly isError: boolean;
  /** Whether the chart is in the state with this path, e.g. `on.loud`, as `snapshot.matches`. */
  matches(path: string): boolean;
}

/** A condition for a state: a function, the path of a state (`on.loud`), or a tag (`#busy`). */
export type StatePredicate = string | ((state: CheckedState) => boolean);

/** A predicate as a function. @throws {RangeError} for a path or a tag that the chart does not have */
export function predicateOf(
  { root }: AnyStateMachine,
  predicate: StatePredicate,
): (state: CheckedState) => boolean {
  if (typeof predicate === 'function') return predicate;
  if (predicate.startsWith('#')) {
    const tag = predicate.slice(1);
    const known = nodesOf(root).flatMap(({ tags }) => tags as readonly string[]);
    if (!known.includes(tag)) {
      throw new RangeError(
        `no state has the tag ${JSON.stringify(tag)}; the chart has ${[...new Set(known)].sort().join(', ') || 'no tags'}`,
      );
    }
    return ({ tags }) => tags.includes(tag);
  }
  const paths = nodesOf(root).map(({ path }) => path.join('.'));
  if (!paths.includes(predicate)) {
    throw new RangeError(
      `the chart has no state ${JSON.stringify(predicate)}; it has ${paths.filter((path) => path !== '').join(', ')}`,
    );
  }
  return (state) => state.matches(predicate);
}

export function checkedState(machine: AnyStateMachine, state: TableState): CheckedState {
  const { name, value, timers, actors, context, isFinal } = state;
  return {
    name,
    value,
    timers,
    actors,
    isFinal,
    tags: tagsOf(machine.root, value),
    isError: name.startsWith('error: '),
    context: new Proxy(context, {
      get(target, key, receiver) {
        if (typeof key === 'string' && !(key in target)) throw undecided(machine, key, target);
        return Reflect.get(target, key, receiver);
      },
    }),
    matches: (path) => isIn(value, path.split('.')),
  };
}

function undecided(machine: AnyStateMachine, key: string, context: object): ExploreError {
  const known = Object.keys(context).join(', ') || 'nothing';
  return new ExploreError(
    'NOT_COMPARABLE',
    `a property of the chart ${machine.id} reads context.${key}, which does not decide what the chart does, so a state does not have one value of it (it has ${known}). Make it part of the state: contextOf: ({ ${key} }) => ({ ${key} })`,
  );
}

function isIn(value: StateValue, [key = '', ...rest]: readonly string[]): boolean {
  if (typeof value === 'string') return value === key && rest.length === 0;
  const inner = value[key];
  if (inner === undefined) return false;
  return rest.length === 0 || isIn(inner, rest);
}

function nodesOf(node: AnyStateMachine['root']): AnyStateMachine['root'][] {
  return [node, ...Object.values(node.states).flatMap(nodesOf)];
}
