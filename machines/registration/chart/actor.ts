/** The contract of everything that runs a registration chart. */
import type { SnapshotFrom } from 'xstate';
import type { registrationMachine } from './registration.js';
import type { RegistrationEvent } from './seat.js';

/** The state of a registration chart. */
export type RegistrationSnapshot = Pick<
  SnapshotFrom<typeof registrationMachine>,
  'value' | 'context'
>;

/** Receives the snapshot after each step, and the error of an action that threw. */
export interface SnapshotObserver {
  next?(snapshot: RegistrationSnapshot): void;
  error?(error: unknown): void;
}

/** The parts of an XState actor that a session uses. `RegistrationRunner` has them too. */
export interface RegistrationActor {
  getSnapshot(): RegistrationSnapshot;
  subscribe(observer: SnapshotObserver): unknown;
  send(event: RegistrationEvent): void;
  start(): unknown;
  /** Stops the run and all its timers. */
  stop(): unknown;
}
