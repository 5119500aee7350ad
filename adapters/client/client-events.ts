import type { WireMessage } from '../../machines/registration/chart/messages.js';
import type { DisconnectReason } from '../../machines/registration/chart/seat.js';
import type { StepRecord } from '../../machines/registration/session/step.js';
import type { Registration } from './client-connection-host.js';
import type { RegistrationRefusedError } from './errors.js';

/** The events of a client. Each `connecting` is followed by exactly one `disconnected`. */
export interface ClientEvents {
  /** A connection attempt begins. Attempts are counted from 1 since the start or the last registration. */
  connecting: [endpoint: string, attempt: number];
  /** The server granted the registration; also after each reconnection. */
  registered: [registration: Registration];
  /** The server refused the registration. `reconnect` decides whether the client tries again. */
  refused: [error: RegistrationRefusedError];
  /** A message of the server that answers no pending request: unsolicited, or too late. */
  event: [message: WireMessage];
  /** A connection or a connection attempt is over and its socket gone; the error is null when the client closed it. */
  disconnected: [reason: DisconnectReason, error: Error | null];
  /** The client waits `delayMs` milliseconds before the attempt with this number. */
  waiting: [delayMs: number, attempt: number];
  /** The client has stopped and released everything; the error is null when it was closed or aborted. */
  stopped: [error: Error | null];
  step: [step: StepRecord];
}

export interface RequestOptions {
  /** Milliseconds, 1 to 2147483647 or Infinity. @default the client's requestTimeout */
  readonly timeout?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}
