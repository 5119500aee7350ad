/** A copy of a machine that reports what it takes and reads while it is explored. */
import {
  type AnyMachineSnapshot,
  type AnyStateMachine,
  type AnyStateNode,
  type AnyTransitionDefinition,
  assign,
  fromPromise,
} from 'xstate';
import type { ContextReads } from './context-reads.js';
import { stateNodesOf, transitionsOf } from './edges.js';
import type { GuardWatch } from './guard-watch.js';
import { markedTransitions } from './marked-machine.js';

/** More steps than this without an event count as an endless loop. */
export const maxEventlessSteps = 1_000;

/** A built-in action of XState: a function with its parts as properties. */
interface BuiltIn {
  (...args: unknown[]): unknown;
  readonly type?: string;
  readonly assignment?: unknown;
  readonly collect?: (...args: unknown[]) => void;
  readonly resolve?: (...args: unknown[]) => unknown[];
}

/**
 * Copies a machine. The copy reports its transitions as actions (`transitionMark`), records what it reads of its context and what its guards return, and fails
 * where it would take transitions without an event for ever.
 */
export function instrumentedMachine(
  machine: AnyStateMachine,
  reads: ContextReads,
  guards: GuardWatch,
) {
  const named = Object.entries(machine.implementations.actions).map(
    ([name, action]) => [name, watched(action, name, reads)] as const,
  );
  const copy = machine.provide({
    actions: Object.fromEntries(named) as never,
    actors: missingActors(machine) as never,
  });
  const own = machine.options?.maxIterations ?? maxEventlessSteps;
  Object.assign(copy, {
    options: { ...machine.options, maxIterations: Math.min(own, maxEventlessSteps) },
  });
  trackStart(copy, reads);
  for (const node of stateNodesOf(copy.root)) watchNode(node, reads);
  guards.watch(copy);
  // The output of the whole machine goes to its parent: no step depends on it.
  const { root } = copy;
  const last = root.type === 'compound' ? Object.values(root.states) : [];
  for (const node of [root, ...last.filter(({ type }) => type === 'final')]) {
    const output: unknown = node.output;
    if (typeof output !== 'function') continue;
    Object.assign(node, { output: (...args: unknown[]) => reads.ignoring(() => output(...args)) });
  }
  return markedTransitions(copy);
}

/** Actors without an implementation may have their outcomes; without one XState prints a warning for each. */
function missingActors({ root, implementations }: AnyStateMachine) {
  const sources = stateNodesOf(root).flatMap(({ invoke }) => invoke.map(({ src }) => src));
  const missing = sources.filter(
    (src) => typeof src === 'string' && !(src in implementations.actors),
  );
  return Object.fromEntries(missing.map((src) => [src, fromPromise(() => new Promise(() => {}))]));
}

/** The context before the first transition is made by XState; guards and actions of the start read it. */
function trackStart(copy: AnyStateMachine, reads: ContextReads): void {
  const start = copy as unknown as {
    _getPreInitialState?: (...args: unknown[]) => AnyMachineSnapshot;
  };
  const original = start._getPreInitialState;
  if (typeof original !== 'function') return;
  start._getPreInitialState = (...args) => {
    const snapshot = original.apply(copy, args);
    return Object.assign(snapshot, { context: reads.tracked(snapshot.context) });
  };
}

function watchNode(node: AnyStateNode, reads: ContextReads): void {
  const place = `an action of the state ${node.id}`;
  const watchAll = (actions: readonly unknown[]) =>
    actions.map((action) => watched(action, nameOf(action, place), reads));
  Object.assign(node, { entry: watchAll(node.entry), exit: watchAll(node.exit) });
  if (node.initial) Object.assign(node.initial, { actions: watchAll(node.initial.actions) });
  for (const transition of transitionsOf(node)) {
    const at = `an action of the state ${node.id} at ${transition.eventType || 'always'}`;
    Object.assign(transition, {
      actions: transition.actions.map((one) => watched(one, nameOf(one, at), reads)),
    } satisfies Partial<AnyTransitionDefinition>);
  }
  // What an actor gets as its input decides nothing here: its outcomes are inputs.
  for (const invoke of node.invoke) {
    const input: unknown = invoke.input;
    if (typeof input !== 'function') continue;
    Object.assign(invoke, {
      input: (...args: unknown[]) => reads.ignoring(() => input(...args)),
    });
  }
}

function nameOf(action: unknown, place: string): string {
  return typeof action === 'function' && 'type' in action ? `${action.type} as ${place}` : place;
}

/** The action; a built-in one is copied so that its reads are recorded. */
function watched<Action>(action: Action, name: string, reads: ContextReads): Action {
  if (typeof action !== 'function' || !('resolve' in action)) return action;
  const builtIn = action as unknown as BuiltIn;
  switch (builtIn.type) {
    case 'xstate.assign':
      return watchedAssign(builtIn, name, reads) as Action;
    case 'xstate.enqueueActions':
      return watchedEnqueue(builtIn, name, reads) as Action;
    case 'xstate.log':
    case 'xstate.spawnChild':
      return changed(builtIn, {
        resolve: (...args: unknown[]) => reads.ignoring(() => builtIn.resolve?.(...args)),
      }) as Action;
    default:
      return action;
  }
}

function watchedAssign(action: BuiltIn, name: string, reads: ContextReads): BuiltIn {
  const { assignment } = action;
  const track = (run: unknown, written: (result: unknown) => string[]) =>
    typeof run === 'function'
      ? (...args: unknown[]) => reads.assigning(name, () => run(...args), written)
      : run;
  const parts =
    typeof assignment === 'function'
      ? track(assignment, (result) => Object.keys(Object(result)))
      : Object.fromEntries(
          Object.entries(assignment as object).map(([key, value]) => [
            key,
            track(value, () => [key]),
          ]),
        );
  return changed(action, {
    assignment: parts,
    resolve(...args: unknown[]) {
      // XState itself copies the whole context.
      const [next, ...others] = reads.ignoring(() => action.resolve?.(...args)) ?? [];
      const snapshot = next as AnyMachineSnapshot;
      return [Object.assign(snapshot, { context: reads.tracked(snapshot.context) }), ...others];
    },
  });
}

/** The actions that an action enqueues are watched, too. */
function watchedEnqueue(action: BuiltIn, name: string, reads: ContextReads): BuiltIn {
  return changed(action, {
    collect(args: { readonly enqueue: BuiltIn }, ...others: unknown[]) {
      const { enqueue } = args;
      const add = (one: unknown) => enqueue(watched(one, name, reads));
      const watchedEnqueue = Object.assign(add, enqueue, {
        assign: (assignment: unknown) => add(assign(assignment as never)),
      });
      action.collect?.({ ...args, enqueue: watchedEnqueue }, ...others);
    },
  });
}

function changed(action: BuiltIn, parts: object): BuiltIn {
  const copy = (...args: unknown[]) => action(...args);
  return Object.assign(copy, action, parts);
}
