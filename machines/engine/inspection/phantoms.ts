/** Actors that were created and never used. */
import type { InspectedActor } from './actor.js';
import type { InspectedApp } from './app.js';

/**
 * The actors that never got an event, not even the one that starts them, while a sibling with the same machine did: React's StrictMode creates
 * each actor twice. Their children, which never got an event either, are among them.
 * @returns none for an app whose first events the ladder never held: the actors may have got those
 */
export function phantomsOf(app: InspectedApp): Set<InspectedActor> {
  const phantoms = new Set<InspectedActor>();
  if (app.ladder.skipped > 0) return phantoms;
  const actors = app.actors();
  const used = new Set(actors.filter(isUsed).map(siblingKey));
  for (const actor of actors) {
    if (isUsed(actor)) continue;
    const parent = actor.parent === null ? undefined : app.actor(actor.parent);
    const hasSibling = actor.definition?.isMachine && used.has(siblingKey(actor));
    if (hasSibling || (parent && phantoms.has(parent))) phantoms.add(actor);
  }
  return phantoms;
}

function isUsed({ last }: InspectedActor): boolean {
  return last.length > 0;
}

function siblingKey({ parent, definition }: InspectedActor): string {
  return `${parent ?? ''}\n${definition?.text ?? ''}`;
}
