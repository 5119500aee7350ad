import type { StepRecord } from '../../machines/index.js';

/** Where the steps of a gate are written down as they happen. */
export interface Journal {
  /** Takes a step. It does not wait and does not throw. */
  record(step: StepRecord): void;
  /** The EventAck of a registration, and what follows it, leaves only after `recorded()` of the steps made until then. */
  readonly holdsAnswers: boolean;
  /** Resolves when the steps taken until now are written. Rejects when they could not be written. */
  recorded(): Promise<void>;
  /** Whether steps are being written. While it is false and answers are held, registrations are refused. */
  readonly canRecord: boolean;
}
