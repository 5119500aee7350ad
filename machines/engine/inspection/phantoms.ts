/** Actors that were created and never used. */
import type { InspectedActor } from './actor.js';
import type { InspectedApp } from './app.js';
import type { Definition } from './definition.js';

/**
 * The actors that never got an event, not even the one that starts them, while a sibling with the same machine did: React's StrictMode creates
 * each actor twice. Their children, which never got an event either, are among them.
 * @returns none for an app whose first events the ladder never held: the actors may have got those
 */
export function phantomsOf(app: InspectedApp): Set<InspectedActor> {
  const phantoms = new Set<InspectedActor>();
  if (app.ladder.skipped > 0) return phantoms;
  const actors = app.actors();
  // By the parent. Actors of one machine share its definition.
  const used = new Map<string | null, Set<Definition | null>>();
  for (const { parent, definition, last } of actors) {
    if (last.length === 0) continue;
    const known = used.get(parent);
    if (known) known.add(definition);
    else used.set(parent, new Set([definition]));
  }
  for (const actor of actors) {
    if (actor.last.length > 0) continue;
    const parent = actor.parent === null ? undefined : app.actor(actor.parent);
    const hasSibling = actor.definition?.isMachine && used.get(actor.parent)?.has(actor.definition);
    if (hasSibling || (parent && phantoms.has(parent))) phantoms.add(actor);
  }
  return phantoms;
}
