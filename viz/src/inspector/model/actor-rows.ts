/** The tree of an app's actors as rows. */
import type { InspectedActor } from '../../../../machines/engine/inspection/actor.js';
import type { ActorMoment } from './moment.js';

export type ActorRow =
  | { readonly kind: 'actor'; readonly depth: number; readonly moment: ActorMoment }
  /** Actors of one parent that were never used. */
  | {
      readonly kind: 'phantoms';
      readonly depth: number;
      /** Of the group: the session id of the parent, or an empty text. */
      readonly key: string;
      readonly count: number;
      readonly isOpen: boolean;
    };

const deepest = 100;

/**
 * @param phantoms actors that were never used; they are folded
 * @param opened the keys of the groups that are unfolded
 */
export function actorRows(
  actors: readonly ActorMoment[],
  phantoms: ReadonlySet<InspectedActor>,
  opened: ReadonlySet<string>,
): ActorRow[] {
  const known = new Set(actors.map(({ actor }) => actor.session));
  const children = new Map<string, ActorMoment[]>();
  for (const one of actors) {
    const { parent } = one.actor;
    const key = parent !== null && known.has(parent) && parent !== one.actor.session ? parent : '';
    const siblings = children.get(key);
    if (siblings) siblings.push(one);
    else children.set(key, [one]);
  }
  const rows: ActorRow[] = [];
  const shown = new Set<string>();
  const add = (moment: ActorMoment, depth: number) => {
    const { session } = moment.actor;
    if (shown.has(session)) return;
    shown.add(session);
    rows.push({ kind: 'actor', depth, moment });
    if (depth < deepest) addChildren(session, depth + 1);
  };
  const addChildren = (key: string, depth: number) => {
    const inner = children.get(key) ?? [];
    for (const one of inner) if (!phantoms.has(one.actor)) add(one, depth);
    const unused = inner.filter(({ actor }) => phantoms.has(actor));
    if (unused.length === 0) return;
    const isOpen = opened.has(key);
    rows.push({ kind: 'phantoms', depth, key, count: unused.length, isOpen });
    if (isOpen) for (const one of unused) add(one, depth);
  };
  addChildren('', 0);
  // Actors whose parents are in a circle, as only a broken app tells.
  for (const one of actors)
    if (!shown.has(one.actor.session) && !phantoms.has(one.actor)) add(one, 0);
  return rows;
}
