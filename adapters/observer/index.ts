/**
 * Reads logs and says what happened on each connection, and why.
 * @module ixgate/observer
 */
export {
  type Finding,
  type FindingCode,
  findingCodes,
  type Inference,
  inferences,
  type MissingReason,
  missingReasons,
  type Observation,
  type ObservedEvent,
  type ObservedMarks,
  type ObservedSession,
  Observer,
  type ObserverListener,
  type ObserverOptions,
  observe,
  type Peer,
  type Place,
} from '../../machines/index.js';
export * from './inspect-logs.js';
export * from './log-reader.js';
export * from './read-logs.js';
