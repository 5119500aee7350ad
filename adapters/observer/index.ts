/**
 * Reads logs and explains what happened on each connection, and why.
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
export * from '../tap/index.js';
export * from './analyze-logs.js';
export { type LogFormatsOptions, logFormats } from './formats.js';
export { type Aliases, readAliases } from './interaction-log/index.js';
export { type JsonMapping, readMapping } from './json-logs/index.js';
export * from './log-reader.js';
export * from './logs-read.js';
export * from './read-logs.js';
