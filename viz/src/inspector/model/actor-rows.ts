/** The tree of an app's actors as rows. */
import type { InspectedActor } from '../../../../machines/engine/inspection/actor.js';
import type { ActorMoment } from './moment.js';

export type ActorRow =
  | { readonly kind: 'actor'; readonly depth: number; readonly moment: ActorMoment }
  /** Actors of one parent that are folded into one row. */
  | {
      readonly kind: FoldedKind;
      readonly depth: number;
      /** Unique in the tree. */
      readonly key: string;
      readonly count: number;
      readonly isOpen: boolean;
    };

/** Never used, as in React's StrictMode; or ended without an error. */
type FoldedKind = 'unused' | 'ended';

const deepest = 100;
/** Up to this number of ended siblings have rows. */
const mostEnded = 3;

/**
 * @param phantoms actors that were never used; they are folded
 * @param opened the keys of the groups that are unfolded
 * @param selected the session id of the actor that always has a row; null for none
 */
export function actorRows(
  actors: readonly ActorMoment[],
  phantoms: ReadonlySet<InspectedActor>,
  opened: ReadonlySet<string>,
  selected: string | null = null,
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
  /** Its row, and those of its children, are left out. */
  const hide = ({ actor: { session } }: ActorMoment) => {
    if (shown.has(session)) return;
    shown.add(session);
    for (const one of children.get(session) ?? []) hide(one);
  };
  const fold = (
    kind: FoldedKind,
    folded: readonly ActorMoment[],
    parent: string,
    depth: number,
  ) => {
    const key = `${kind} ${parent}`;
    const isOpen = opened.has(key);
    if (folded.length > 0) rows.push({ kind, depth, key, count: folded.length, isOpen });
    for (const one of folded) {
      if (isOpen) add(one, depth);
      else hide(one);
    }
  };
  const addChildren = (parent: string, depth: number) => {
    const inner = children.get(parent) ?? [];
    const unused = inner.filter(({ actor }) => phantoms.has(actor));
    const ended = inner.filter((one) => hasEnded(one) && !phantoms.has(one.actor));
    const isFolded = ended.length > mostEnded;
    for (const one of inner) {
      if (phantoms.has(one.actor)) continue;
      if (!isFolded || !hasEnded(one) || one.actor.session === selected) add(one, depth);
    }
    if (isFolded) {
      const others = ended.filter(({ actor }) => actor.session !== selected);
      fold('ended', others, parent, depth);
    }
    fold('unused', unused, parent, depth);
  };
  addChildren('', 0);
  // Actors whose parents are in a circle, as only a broken app tells.
  for (const one of actors) if (!shown.has(one.actor.session)) add(one, 0);
  return rows;
}

function hasEnded({ status }: ActorMoment): boolean {
  return status === 'done' || status === 'stopped';
}
