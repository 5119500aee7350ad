import { useCallback, useMemo, useRef, useState } from 'react';
import { useNarrow } from '../parts/use-narrow.js';
import { type Lanes, narrowLanes, usualLanes, usualSessions } from './model/lanes.js';
import type { ShownApp } from './use-shown.js';

export interface LaneChoice {
  readonly lanes: Lanes;
  /** Shows or hides the line of an actor. */
  toggle(session: string): void;
  /** Whether the user changed the lines. */
  readonly isChosen: boolean;
  /** Goes back to the most active actors. */
  reset(): void;
}

/** The lines of the ladder: those that the user chose, or those of the most active actors. */
export function useLanes(shown: ShownApp | null): LaneChoice {
  const [chosen, setChosen] = useState<{ app: string; sessions: readonly string[] } | null>(null);
  const usual = useRef<{ app: string; sessions: readonly string[] }>({ app: '', sessions: [] });
  const most = useNarrow() ? narrowLanes : usualLanes;
  const id = shown?.app.id ?? '';
  const own = chosen?.app === id ? chosen.sessions : null;
  const lanes = useMemo((): Lanes => {
    if (shown === null) return { sessions: [], hasOthers: false };
    const { moment, phantoms, app } = shown;
    const actors = moment.actors.filter(({ actor }) => !phantoms.has(actor));
    const events = new Map(actors.map(({ actor, events: count }) => [actor.session, count]));
    const before = usual.current.app === app.id ? usual.current.sessions : [];
    // While looking back, lines stay where they are.
    if (moment.cursor === null || before.length === 0) {
      usual.current = { app: app.id, sessions: usualSessions(events, before, most) };
    }
    const wanted = new Set(own ?? usual.current.sessions);
    const known = moment.actors.map(({ actor }) => actor.session);
    const sessions = known.filter((session) => wanted.has(session));
    return { sessions, hasOthers: actors.some(({ actor }) => !wanted.has(actor.session)) };
  }, [shown, own, most]);
  const { sessions } = lanes;
  const toggle = useCallback(
    (session: string) => {
      const isOn = sessions.includes(session);
      const next = isOn ? sessions.filter((one) => one !== session) : [...sessions, session];
      setChosen({ app: id, sessions: next });
    },
    [sessions, id],
  );
  const reset = useCallback(() => setChosen(null), []);
  return { lanes, toggle, isChosen: own !== null, reset };
}
