/** The state of an app at one event, or now. */
import type { InspectedActor } from '../../../../machines/engine/inspection/actor.js';
import type { InspectedApp } from '../../../../machines/engine/inspection/app.js';
import type { LadderEntry, LadderEvent } from '../../../../machines/engine/inspection/ladder.js';
import type { StateValue } from '../../../../machines/engine/inspection/messages.js';

/** Number of a ladder entry; null for now. */
export type Cursor = number | null;

export interface ActorMoment {
  readonly actor: InspectedActor;
  /** False when it starts later. */
  readonly hasStarted: boolean;
  /** `active`, `done`, `error` or `stopped`; null when it was dropped. */
  readonly status: string | null;
  /** Null for actors that are not machines, and when it was dropped. */
  readonly state: StateValue | null;
  /** The last held event that it has taken. */
  readonly last: LadderEvent | null;
  /** Number of held events that it got. */
  readonly events: number;
}

export interface Moment {
  readonly cursor: Cursor;
  /** In the order in which the actors started. */
  readonly actors: readonly ActorMoment[];
  /** The entry at the cursor, or the newest; null without one. */
  readonly entry: LadderEntry | null;
}

/** The type of the event with which XState starts an actor. */
const startType = 'xstate.init';

interface Seen {
  last: LadderEvent | null;
  events: number;
  /** The first held event, also after the cursor. */
  first: LadderEvent | null;
  /** Whether an event after the cursor changed it. */
  changesLater: boolean;
}

/** @param entries those of the app's ladder */
export function momentOf(
  app: InspectedApp,
  entries: readonly LadderEntry[],
  cursor: Cursor,
): Moment {
  const seen = new Map<string, Seen>();
  for (const entry of entries) {
    if (entry.kind === 'gap') continue;
    const one = seenIn(seen, entry.target);
    one.first ??= entry;
    if (cursor !== null && entry.number > cursor) {
      one.changesLater ||= entry.outcome !== null;
      continue;
    }
    one.events += 1;
    if (entry.outcome !== null) one.last = entry;
  }
  const actors = app.actors().map((actor) => actorAt(actor, seen.get(actor.session), cursor));
  return { cursor, actors, entry: entryAt(entries, cursor) };
}

/** The entry with a number, or the oldest held one after it; without a cursor the newest. */
export function entryAt(entries: readonly LadderEntry[], cursor: Cursor): LadderEntry | null {
  if (cursor === null) return entries.at(-1) ?? null;
  const oldest = entries[0];
  if (oldest === undefined) return null;
  return entries[Math.min(entries.length - 1, Math.max(0, cursor - oldest.number))] ?? null;
}

/** For each entry the event before it that its target has taken; null without a held one. */
export function previousEvents(entries: readonly LadderEntry[]): (LadderEvent | null)[] {
  const last = new Map<string, LadderEvent>();
  return entries.map((entry) => {
    if (entry.kind === 'gap') return null;
    const previous = last.get(entry.target) ?? null;
    if (entry.outcome !== null) last.set(entry.target, entry);
    return previous;
  });
}

/** The event before an event that the same actor has taken; null without a held one. */
export function previousEvent(
  entries: readonly LadderEntry[],
  { number, target }: LadderEvent,
): LadderEvent | null {
  for (let index = number - (entries[0]?.number ?? 1) - 1; index >= 0; index -= 1) {
    const entry = entries[index];
    if (entry?.kind === 'event' && entry.target === target && entry.outcome) return entry;
  }
  return null;
}

function seenIn(all: Map<string, Seen>, session: string): Seen {
  let seen = all.get(session);
  if (!seen) {
    seen = { last: null, events: 0, first: null, changesLater: false };
    all.set(session, seen);
  }
  return seen;
}

function actorAt(actor: InspectedActor, seen: Seen | undefined, cursor: Cursor): ActorMoment {
  const { last = null, events = 0, first = null, changesLater = false } = seen ?? {};
  const told = { actor, last, events };
  const isNow = cursor === null || !changesLater;
  const startsLater = cursor !== null && first?.type === startType && first.number > cursor;
  if (startsLater) return { ...told, hasStarted: false, status: null, state: null };
  const { status, state } = isNow ? actor : (last?.outcome ?? { status: null, state: null });
  return { ...told, hasStarted: true, status, state };
}
