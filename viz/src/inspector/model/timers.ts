/** The running timers of an actor. */
import type { LadderEntry } from '../../../../machines/engine/inspection/ladder.js';
import type { ChartTree } from '../../../layout/tree.js';
import { statesReader } from '../../chart/state-value.js';
import type { ActorMoment } from './moment.js';

export interface RunningTimer {
  /** Id of the state. */
  readonly state: string;
  /** Milliseconds as text, or the name of the delay. */
  readonly name: string;
  /** Milliseconds; null for a named delay. */
  readonly total: number | null;
  /** When the state was entered, milliseconds since 1970; null when that event is not held. */
  readonly since: number | null;
}

/** The timers of the active states of an actor. @param entries those of the app's ladder */
export function timersOf(
  { actor, state, status, last }: ActorMoment,
  tree: ChartTree | null,
  entries: readonly LadderEntry[],
): RunningTimer[] {
  const delays = actor.definition?.parts()?.delays ?? [];
  if (tree === null || state === null || status !== 'active' || delays.length === 0) return [];
  const statesOf = statesReader(tree.root);
  const active = statesOf(state);
  return delays
    .filter((delay) => active.has(delay.state))
    .map(({ state: id, name, milliseconds }) => {
      const since =
        last === null ? null : enteredAt(id, last.number, actor.session, statesOf, entries);
      return { state: id, name, total: milliseconds, since };
    });
}

/** When a state that is active after an event became active. */
function enteredAt(
  state: string,
  number: number,
  session: string,
  statesOf: ReturnType<typeof statesReader>,
  entries: readonly LadderEntry[],
): number | null {
  let entered: number | null = null;
  const oldest = entries[0]?.number ?? 1;
  for (let index = number - oldest; index >= 0; index -= 1) {
    const entry = entries[index];
    if (entry?.kind !== 'event' || entry.target !== session || entry.outcome === null) continue;
    if (!statesOf(entry.outcome.state).has(state)) return entered;
    entered = entry.at;
    if (entry.type === 'xstate.init') return entered;
  }
  return null;
}
