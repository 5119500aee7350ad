import { registrationChart } from '../chart/compiled/registration-chart.js';
import { type Configuration, configurationOf } from '../chart/configurations.js';
import type { RegistrationEventType } from '../chart/seat.js';

const { events, states } = registrationChart;
let paths: ReadonlyMap<Configuration, readonly RegistrationEventType[]> | null = null;

/** The shortest sequence of events from the start to a configuration. */
export function pathTo(configuration: Configuration): readonly RegistrationEventType[] {
  paths ??= shortestPaths();
  return paths.get(configuration) ?? [];
}

/** A breadth-first search over the compiled chart. */
function shortestPaths(): ReadonlyMap<Configuration, readonly RegistrationEventType[]> {
  const found = new Map<number, readonly RegistrationEventType[]>([[0, []]]);
  for (const [state, path] of found) {
    for (const event of events) {
      const to = states[state]?.steps[event]?.[0] ?? state;
      if (!found.has(to)) found.set(to, [...path, event as RegistrationEventType]);
    }
  }
  return new Map(
    [...found].map(([state, path]) => [
      configurationOf({ value: states[state]?.value as never }),
      path,
    ]),
  );
}
