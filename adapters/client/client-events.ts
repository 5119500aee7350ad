import type { DisconnectReason, StepRecord, WireMessage } from '../../machines/index.js';
import type { Registration } from './client-connection-host.js';
import type { RegistrationRefusedError } from './errors.js';

/** What a client tells. Each `connecting` is followed by one `disconnected`, whatever happens in between. */
export interface ClientEvents {
  /** An attempt begins: 1, 2, 3 ... since the start or the last registration. */
  connecting: [endpoint: string, attempt: number];
  /** The server let the client in; again after each reconnection. */
  registered: [registration: Registration];
  /** The server refused the registration. Whether the client asks again is up to `reconnect`. */
  refused: [error: RegistrationRefusedError];
  /** A message of the server that answers no pending request: unasked, or too late. */
  event: [message: WireMessage];
  /** A connection, or an attempt to set one up, is over and its socket gone; null when the client itself closed it. */
  disconnected: [reason: DisconnectReason, error: Error | null];
  /** Waits before the attempt of this number. */
  waiting: [delayMs: number, attempt: number];
  /** The client is done, and nothing of it is left; null when it was closed or aborted. */
  stopped: [error: Error | null];
  step: [step: StepRecord];
}

export interface RequestOptions {
  /** Milliseconds, 1 to 2147483647 or Infinity. @default the client's requestTimeout */
  readonly timeout?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}
