import type { StepRecord } from '../../machines/registration/session/step.js';
import { IxgateError } from '../runtime/errors.js';

/** Records the steps of a gate as they happen. */
export interface Journal {
  /** Takes a step. It does not wait and does not throw. */
  record(step: StepRecord): void;
  /** The EventAck of a registration, and what follows it, leaves only after `flushed()` of the steps made until then. */
  readonly requiresDurableAck: boolean;
  /**
   * Resolves when the steps taken until now are written. Rejects when they could not be written: then the client is not answered,
   * and its connection ends. So it does when `writeTimeout` has passed.
   */
  flushed(): Promise<void>;
  /** Whether steps are being written. While it is false and answers are held, registrations are refused. */
  readonly canRecord: boolean;
}

/** A granted registration was not recorded in time. The client gets no EventAck. */
export class NotRecordedError extends IxgateError {
  override readonly name = 'NotRecordedError';
  constructor(timeout: number) {
    super('NOT_RECORDED', `the registration was not recorded within ${timeout} ms`);
  }
}
