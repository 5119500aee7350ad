/** Checks the properties of the directory in everything that its gates and its store can do, and finds the shortest violations. */
import { Search } from '../engine/checking/search.js';
import { DirectoryModel } from './model.js';
import { type DirectoryProperty, directoryProperties, isPromised } from './properties.js';
import {
  type DirectoryBounds,
  type DirectoryFault,
  type DirectoryRules,
  type DirectorySettings,
  directoryRules,
} from './rules.js';
import { type DirectorySearch, DueSteps } from './settling.js';
import type { DirectoryState } from './state.js';
import type { DirectoryStep } from './step.js';
import { describeState, describeStep } from './words.js';

export interface DirectoryCheckOptions extends Partial<DirectoryBounds> {
  /** @default 'reject' */
  readonly policy?: DirectorySettings['policy'] | undefined;
  /** @default 'close' */
  readonly loss?: DirectorySettings['loss'] | undefined;
  /** The kinds of faults. @default none */
  readonly mayHappen?: readonly DirectoryFault[] | undefined;
  /** @default directoryRules */
  readonly rules?: DirectoryRules | undefined;
  /** Maximum number of states. @default 2000000 */
  readonly limit?: number | undefined;
  /** Ends the check at the first violation of this property; then `settles` is not checked. */
  readonly until?: Exclude<DirectoryProperty, 'settles'> | undefined;
}

/** A violated property with a shortest run that violates it. */
export interface DirectoryViolation {
  readonly property: DirectoryProperty;
  readonly sentence: string;
  /** The run in words, a step a line, each with the state after it. */
  readonly trace: readonly { readonly step: string; readonly state: string }[];
}

export interface DirectoryCheck {
  readonly states: number;
  readonly transitions: number;
  /** The properties that are promised with these settings. */
  readonly promised: readonly DirectoryProperty[];
  readonly violations: readonly DirectoryViolation[];
}

/** Explores all runs within the bounds. @throws {RangeError} for more states than the limit */
export function checkDirectory(options: DirectoryCheckOptions = {}): DirectoryCheck {
  const { gates = 2, lease = 2, claims = 2, faults = 1, limit = 2_000_000 } = options;
  const { policy = 'reject', loss = 'close', mayHappen = [], rules = directoryRules } = options;
  const settings = { gates, lease, claims, faults, policy, loss, mayHappen, rules };
  const search: DirectorySearch = new Search(new DirectoryModel(settings));
  const steps = new DueSteps();
  const { until } = options;
  search.run({ limit, until, onTransition: steps.add });
  const found = new Map(search.violations);
  const restless = until === undefined ? steps.firstRestless(search) : null;
  if (restless !== null) found.set('settles', { state: restless, step: null });
  const promised = directoryProperties
    .map(({ id }) => id)
    .filter((property) => isPromised(property, settings));
  const violations = directoryProperties.flatMap(({ id, sentence }) => {
    const violation = found.get(id);
    return violation ? [{ property: id, sentence, trace: traceOf(search, violation) }] : [];
  });
  return { states: search.states, transitions: search.transitions, promised, violations };
}

function traceOf(
  search: DirectorySearch,
  { state, step }: { readonly state: number; readonly step: DirectoryStep | null },
): DirectoryViolation['trace'] {
  const path = search.pathTo(state).map(({ step }) => step);
  let before = search.model.initial;
  return [...path, ...(step ? [step] : [])].map((taken) => {
    const after = stateAfter(search.model, before, taken);
    const line = { step: describeStep(taken, before, after), state: describeState(after) };
    before = after;
    return line;
  });
}

function stateAfter(
  model: DirectoryModel,
  before: DirectoryState,
  step: DirectoryStep,
): DirectoryState {
  let after = before;
  model.each(before, (taken, next) => {
    if (taken === step) after = next;
  });
  // The normal form, in which the steps after it were found.
  return model.encoding.decode(model.encoding.encode(after));
}

/** A violation as text, a line a step. */
export function violationText({ property, sentence, trace }: DirectoryViolation): string {
  const lines = trace.map(({ step, state }, index) => {
    const number = String(index + 1).padStart(3);
    return `${number}. ${step}\n       ${state}`;
  });
  return [`${property}: ${sentence}`, ...lines].join('\n');
}
