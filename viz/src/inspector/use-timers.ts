import { useEffect, useMemo, useState } from 'react';
import type { LadderEntry } from '../../../machines/engine/inspection/ladder.js';
import type { ChartTree } from '../../layout/tree.js';
import type { Countdown } from '../chart/index.js';
import type { ActorMoment, Moment } from './model/moment.js';
import { type RunningTimer, timersOf } from './model/timers.js';

/** A timer with the time left, in milliseconds; null when it is not known. */
export interface TimerLeft extends RunningTimer {
  readonly left: number | null;
}

/** The running timers of an actor, each second; at a cursor, the time that was left at that event. */
export function useTimers(
  moment: ActorMoment,
  tree: ChartTree | null,
  entries: readonly LadderEntry[],
  { cursor, entry }: Moment,
): readonly TimerLeft[] {
  const timers = useMemo(() => timersOf(moment, tree, entries), [moment, tree, entries]);
  const isRunning = cursor === null && timers.some(({ since }) => since !== null);
  const [, tick] = useState(0);
  useEffect(() => {
    if (!isRunning) return;
    const timer = setInterval(() => tick((count) => count + 1), 1_000);
    return () => clearInterval(timer);
  }, [isRunning]);
  const now = cursor === null ? Date.now() : (entry?.at ?? 0);
  return timers.map((timer) => ({ ...timer, left: leftOf(timer, now) }));
}

/** The countdown for the chart: of the only timer with a known time. */
export function useCountdown(
  moment: ActorMoment,
  tree: ChartTree,
  entries: readonly LadderEntry[],
  { cursor, entry }: Moment,
): Countdown | null {
  const timers = useMemo(() => timersOf(moment, tree, entries), [moment, tree, entries]);
  const known = timers.filter(({ total }) => total !== null);
  const only = known.length === 1 ? known[0] : undefined;
  const { state = '', total = null, since = null } = only ?? {};
  const at = cursor === null ? null : (entry?.at ?? 0);
  // The same object while nothing changes: the countdown of the chart begins again with another one.
  return useMemo(() => {
    const left = leftOf({ total, since }, at ?? Date.now());
    return left === null || !total ? null : { state, left, total, running: at === null };
  }, [state, total, since, at]);
}

function leftOf({ total, since }: Pick<RunningTimer, 'total' | 'since'>, now: number) {
  return total === null || since === null ? null : Math.max(0, total - (now - since));
}
