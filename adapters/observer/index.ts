/**
 * Reads logs and explains what happened on each connection, and why.
 * @module ixgate/observer
 */
export type { ObservedEvent, Peer, Place } from '../../machines/registration/observer/events.js';
export { type Observation, observe } from '../../machines/registration/observer/observe.js';
export type { ObservedSession } from '../../machines/registration/observer/observed-session.js';
export {
  Observer,
  type ObserverListener,
  type ObserverOptions,
} from '../../machines/registration/observer/observer.js';
export {
  type Finding,
  type FindingCode,
  findingCodes,
} from '../../machines/registration/session/findings.js';
export {
  type Inference,
  inferences,
  type MissingReason,
  missingReasons,
  type ObservedMarks,
} from '../../machines/registration/session/marks.js';
export * from '../tap/index.js';
export * from './analyze-logs.js';
export { type LogFormatsOptions, logFormats } from './formats.js';
export { type Aliases, readAliases } from './interaction-log/index.js';
export { type JsonMapping, readMapping } from './json-logs/index.js';
export * from './log-reader.js';
export * from './logs-read.js';
export * from './read-logs.js';
