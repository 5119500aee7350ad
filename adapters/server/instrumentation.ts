import type { RequestRegisterClient } from '../../machines/registration/chart/messages.js';
import type { DisconnectReason } from '../../machines/registration/chart/seat.js';
import type { StepRecord } from '../../machines/registration/session/step.js';
import type { SessionView } from './server-session.js';
import type { Refusal } from './session-info.js';
import type { ConnectionInfo } from './validator.js';

/**
 * Traces the sessions of a gate: see `ixgate/opentelemetry`. It is called before the listeners of the same event. An error that it throws
 * is reported as a problem and has no other effect.
 */
export interface Instrumentation {
  begin(session: SessionView, connection: ConnectionInfo): void;
  registered(session: SessionView): void;
  refused(session: SessionView, refusal: Refusal): void;
  stepped(step: StepRecord): void;
  /** Called once for each session that began. */
  end(session: SessionView, reason: DisconnectReason, error: Error | null): void;
  /** Runs the validator of the service. @returns what `work` returns */
  validate<Result>(session: string, request: RequestRegisterClient, work: () => Result): Result;
  /** Runs the handler of a message. @returns what `work` returns */
  handle<Result>(session: string, work: () => Result): Result;
}
