/**
 * The chart and everything that can be said of it without a socket. Runs in a browser and in any service.
 * @module ixgate/machines
 */
export * from './as-json.js';
export * from './check/index.js';
export * from './clock.js';
export * from './comparison.js';
export * from './configurations.js';
export * from './coverage.js';
export * from './coverage-parts.js';
export * from './coverage-text.js';
export * from './edges.js';
export * from './error-codes.js';
export * from './explore/index.js';
export * from './feed.js';
export * from './figures.js';
export * from './gap-mark.js';
export * from './mermaid.js';
export * from './messages.js';
export * from './mutants/index.js';
export * from './observed.js';
export * from './observer/index.js';
export * from './pairs.js';
export * from './play.js';
export * from './play-live.js';
export * from './recording.js';
export * from './redaction.js';
export * from './registration.js';
export * from './restore.js';
export * from './seat.js';
export * from './server-model/index.js';
export * from './session-arrows.js';
export * from './session-comparison.js';
export * from './step.js';
export * from './suite/index.js';
export * from './supervisor.js';
export * from './table-runner.js';
export * from './verdict.js';
export * from './words.js';
