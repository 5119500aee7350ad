import { type Configuration, configurations } from '../chart/configurations.js';
import { transitionsTaken } from '../chart/edges.js';
import type { RegistrationEventType } from '../chart/seat.js';

const known = new Map<string, readonly string[]>();

/** Ids of the transitions that an event, or a timer that runs out, takes in a configuration; none where a chart has other states. */
export function transitionsOf(state: string, event: string): readonly string[] {
  const key = `${state} ${event}`;
  const before = known.get(key);
  if (before) return before;
  const configuration = configurations.find((one) => one === state) as Configuration | undefined;
  const edges = configuration
    ? transitionsTaken(configuration, event as RegistrationEventType).map(({ id }) => id)
    : [];
  known.set(key, edges);
  return edges;
}
