import type { RegistrationActor } from '../../machines/registration/chart/actor.js';
import type { Seat } from '../../machines/registration/chart/seat.js';
import { RegistrationRunner } from '../../machines/registration/session/registration-runner.js';
import { registrationActor } from '../../machines/registration/session/restore.js';
import { deadlineClock } from '../runtime/deadlines.js';

/** What runs the chart of a session. Both take the same steps; the table is much faster. */
export const runners = {
  actor: (seat: Seat) => registrationActor(seat, { clock: deadlineClock }),
  table: (seat: Seat) => new RegistrationRunner({ seat, clock: deadlineClock }),
} as const satisfies Record<string, (seat: Seat) => RegistrationActor>;
export type RunnerName = keyof typeof runners;
