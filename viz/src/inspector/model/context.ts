/** The context of an actor, read from the messages with its snapshots. */
import type { LadderEvent } from '../../../../machines/engine/inspection/ladder.js';
import type { ActorMoment, Cursor } from './moment.js';

/** `value` is undefined for an actor without a context. */
export type HeldContext =
  | { readonly isHeld: true; readonly value: unknown }
  | { readonly isHeld: false; readonly why: string };

/** The context of an actor at a moment. */
export function contextAt({ actor, last, hasStarted }: ActorMoment, cursor: Cursor): HeldContext {
  if (!hasStarted) return { isHeld: false, why: 'The actor starts later.' };
  if (last?.outcome) return contextIn(last.outcome.message);
  if (cursor === null && actor.snapshot !== null) return contextIn(actor.snapshot);
  const why =
    actor.state === null ? 'The app has not sent a snapshot.' : 'The inspector dropped it.';
  return { isHeld: false, why };
}

/** The context after an event; null while the actor has not taken it. */
export function contextAfter(event: LadderEvent | null): HeldContext | null {
  return event?.outcome ? contextIn(event.outcome.message) : null;
}

/** The event in its message, with its data; null when it was not sent. */
export function eventData({ message }: LadderEvent): unknown {
  if (message === null) return null;
  const { event } = (JSON.parse(message) ?? {}) as { event?: unknown };
  return event ?? null;
}

/** @param message one with a snapshot, as JSON */
function contextIn(message: string): HeldContext {
  const { snapshot } = JSON.parse(message) as { snapshot?: Record<string, unknown> | null };
  if (snapshot?.contextLeftOut) {
    return { isHeld: false, why: 'The app left it out: it cannot be written as JSON.' };
  }
  return { isHeld: true, value: snapshot?.context ?? snapshot?.output };
}
