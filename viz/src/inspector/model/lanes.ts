/** Which actors have their own line in the ladder. */

/** Maximum number of lines without a choice of the user. */
export const usualLanes = 12;
/** The same on a narrow screen. */
export const narrowLanes = 3;

/** The lines of a ladder, from left to right. */
export interface Lanes {
  /** Session ids of the actors with their own lines. */
  readonly sessions: readonly string[];
  /** Whether other actors share a line at the right. */
  readonly hasOthers: boolean;
}

/**
 * The actors that get lines: the most active ones, in the order in which they started. An actor keeps its line until another one has twice as many
 * events, so that lines do not change places all the time.
 * @param events numbers of events by session id, in the order in which the actors started
 * @param before the sessions with lines until now
 * @param most maximum number of lines
 */
export function usualSessions(
  events: ReadonlyMap<string, number>,
  before: readonly string[],
  most = usualLanes,
): readonly string[] {
  const shown = new Set(before.filter((session) => events.has(session)).slice(0, most));
  const count = (session: string) => events.get(session) ?? 0;
  const others = [...events.keys()]
    .filter((session) => !shown.has(session))
    .sort((one, other) => count(other) - count(one));
  for (const session of others) {
    if (shown.size < most) {
      shown.add(session);
      continue;
    }
    const quietest = [...shown].reduce((one, other) => (count(other) < count(one) ? other : one));
    if (count(session) <= count(quietest) * 2) break;
    shown.delete(quietest);
    shown.add(session);
  }
  const sessions = [...events.keys()].filter((session) => shown.has(session));
  const isSame =
    sessions.length === before.length && sessions.every((one, index) => one === before[index]);
  return isSame ? before : sessions;
}

/** The place of an actor: 0 is the line at the left for what comes from outside. */
export function placeOf({ sessions }: Lanes, session: string | null): number {
  if (session === null) return 0;
  const index = sessions.indexOf(session);
  return index === -1 ? sessions.length + 1 : index + 1;
}
