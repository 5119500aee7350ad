/**
 * The chart and everything that can be said of it without a socket. Runs in a browser and in any service.
 * @module ixgate/machines
 */

export * from './engine/coverage/coverage.js';
export * from './engine/coverage/coverage-parts.js';
export * from './engine/coverage/coverage-text.js';
export * from './engine/coverage/pairs.js';
export * from './engine/mealy/index.js';
export * from './engine/mutation/index.js';
export * from './engine/testgen/index.js';
export * from './registration/chart/configurations.js';
export * from './registration/chart/edges.js';
export * from './registration/chart/error-codes.js';
export * from './registration/chart/message-events.js';
export * from './registration/chart/messages.js';
export * from './registration/chart/registration.js';
export * from './registration/chart/restore.js';
export * from './registration/chart/seat.js';
export * from './registration/chart/server-effects.js';
export * from './registration/chart/supervisor.js';
export * from './registration/figures/comparison.js';
export * from './registration/figures/figures.js';
export * from './registration/figures/mermaid.js';
export * from './registration/figures/observed.js';
export * from './registration/figures/play.js';
export * from './registration/figures/play-live.js';
export {
  answeredTwice,
  compareAnswer,
  describeMessage,
  disconnectedAt,
  disconnectedInstead,
  invalidFrame,
  notDisconnected,
  type RequestKind,
  type ServerFinding,
  unanswered,
  unaskedMessage,
  unaskedWhen,
} from './registration/figures/server-findings.js';
export * from './registration/figures/session-arrows.js';
export * from './registration/figures/session-comparison.js';
export * from './registration/observer/index.js';
export * from './registration/product/index.js';
export * from './registration/session/as-json.js';
export * from './registration/session/feed.js';
export * from './registration/session/gap-mark.js';
export * from './registration/session/recording.js';
export * from './registration/session/redaction.js';
export * from './registration/session/registration-runner.js';
export * from './registration/session/step.js';
export * from './registration/session/verdict.js';
export * from './registration/sut/index.js';
export * from './text/clock.js';
export * from './text/format.js';
