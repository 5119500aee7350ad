import type { DisconnectReason } from '../../machines/registration/chart/seat.js';
import type { StepRecord } from '../../machines/registration/session/step.js';
import type { SessionSummary } from '../../machines/registration/session/verdict.js';

/** Receives the sessions of the other gates of a cluster. */
export interface OtherSessionsReader {
  /** Sessions that are new here, or that are known again after lost messages. */
  adopted(summaries: readonly SessionSummary[]): void;
  step(step: StepRecord, node: string): void;
  disconnected(session: string, reason: DisconnectReason): void;
  /** Sessions of which nothing is known any more: their gate has left, or they are not read any more. */
  forgotten(sessions: readonly string[]): void;
  /** Called every few seconds. @param nodes the gates that do not answer */
  unreachable(nodes: readonly string[]): void;
}

/** The sessions of the other gates of a cluster. */
export interface OtherSessions {
  /** Reads them until the returned function is called. */
  readOthers(reader: OtherSessionsReader): () => void;
  /** First and last steps of one of them. It never rejects. */
  stepsOf(session: string): Promise<readonly StepRecord[]>;
}
