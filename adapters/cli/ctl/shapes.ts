/** The answers of a gate, as far as `ixgate ctl` shows them. */
export type {
  Drained,
  GateStatus as Status,
  Kicked,
  NodeAnswers,
  NodesAnswer,
  SessionList,
  Unreachable,
} from '../../control/answers.js';
export type { LiveSession as Session } from '../../control/live-sessions.js';
export type { LogLevel, ReloadOutcome as Reloaded } from '../../control/service-control.js';
export type { NodeStatus } from '../../server/gate-view.js';
export type { Ban, ListedPenalty as Penalty } from '../../server/limits/index.js';
