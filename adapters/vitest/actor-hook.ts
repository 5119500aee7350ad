/** Tells an inspector of every actor of a copy of XState 5, without a change of the app. */
import type { InspectionEvent } from 'xstate';

type Inspect = (event: InspectionEvent) => void;

/** What is used of an actor. `_initState` exists since 5.0.0; the constructor calls it before any child starts. */
interface HookedActor {
  readonly _parent: unknown;
  readonly sessionId: string;
  readonly system: { inspect(observer: Inspect): unknown };
  _initState?: (snapshot: unknown) => void;
}

/** On the prototype of the actors: a copy of XState may outlive this module. */
const hook = Symbol.for('ixgate.vitest');

/**
 * @param xstate a module namespace of XState; another call with the same copy replaces the inspector
 * @returns false when this is not a version that can be inspected
 */
export function hookActors(xstate: object, inspect: Inspect): boolean {
  const { prototype } = Object((xstate as { Actor?: unknown }).Actor) as {
    prototype?: HookedActor & { [hook]?: { inspect: Inspect } };
  };
  const init = prototype?._initState;
  if (!prototype || !init) return false;
  const known = prototype[hook];
  if (known) {
    known.inspect = inspect;
    return true;
  }
  const current = { inspect };
  prototype[hook] = current;
  prototype._initState = function (this: HookedActor, snapshot) {
    if (!this._parent) {
      this.system.inspect((event) => current.inspect(event));
      // The constructor has told only the inspector of its options.
      const told = { type: '@xstate.actor', rootId: this.sessionId, actorRef: this };
      current.inspect(told as unknown as InspectionEvent);
    }
    init.call(this, snapshot);
  };
  return true;
}
