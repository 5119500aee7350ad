import {
  type RegistrationActor,
  RegistrationRunner,
  registrationActor,
  type Seat,
} from '../../machines/index.js';
import { deadlineClock } from '../runtime/deadlines.js';

/** What can run the chart of a session. No step differs; the table is the faster by far. */
export const runners = {
  actor: (seat: Seat) => registrationActor(seat, { clock: deadlineClock }),
  table: (seat: Seat) => new RegistrationRunner({ seat, clock: deadlineClock }),
} as const satisfies Record<string, (seat: Seat) => RegistrationActor>;
export type RunnerName = keyof typeof runners;
