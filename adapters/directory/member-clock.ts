import type { Clock } from '../../machines/text/clock.js';
import { systemClock } from '../../machines/text/clock.js';

/** The clocks by which a gate judges its lease; tests simulate them. */
export interface MemberClock extends Clock {
  /** Milliseconds by a clock that never jumps. It stands still while the machine sleeps. */
  now(): number;
  /** Milliseconds since 1970. */
  wall(): number;
}

export const systemMemberClock: MemberClock = {
  ...systemClock,
  now: () => performance.now(),
  wall: () => Date.now(),
};
