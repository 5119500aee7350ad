import { transitionsIn } from './compiled/transitions.js';
import type { Configuration } from './configurations.js';
import type { RegistrationEventType, SeatDelays } from './seat.js';

/** What a step follows: an event of the chart, or the name of the delay that expired. */
export type Cause = RegistrationEventType | keyof SeatDelays;

const none: readonly string[] = [];

/** The ids (`Edge`) of the transitions taken: one, or one a region; none only in `disconnected`. They come from the compiled chart. */
export function transitionIds(from: Configuration, cause: Cause): readonly string[] {
  return transitionsIn[from]?.[cause] ?? none;
}
