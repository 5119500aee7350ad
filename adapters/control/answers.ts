/** The answers of live control that `ixgate ctl` and `ixgate doctor` read. */
import type { DirectoryStatus, NodeStatus, WorkerCounts } from '../server/gate-view.js';
import type { GateCounts } from '../server/index.js';
import type { LiveSession } from './live-sessions.js';
import type { ReloadOutcome, ServiceStatus } from './service-control.js';

type StatusCounts = Pick<
  GateCounts,
  | 'open'
  | 'registered'
  | 'unregistered'
  | 'validationsRunning'
  | 'validationsWaiting'
  | 'accepted'
  | 'outcomes'
  | 'rejected'
  | 'errors'
  | 'limits'
  | 'problems'
>;

/** The answer of `GET /status`. */
export interface GateStatus extends StatusCounts {
  readonly version: string;
  readonly node: string;
  readonly pid: number;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** Milliseconds since the start. */
  readonly uptime: number;
  readonly state: 'running' | 'draining' | 'stopping';
  /** Null for a gate that is ready. */
  readonly notReady: string | null;
  readonly endpoints: readonly string[];
  /** Null for a gate in one process. */
  readonly workers: WorkerCounts | null;
  /** Null for a gate inside another service. */
  readonly service: ServiceStatus | null;
  /** The gate in its cluster; left out without a directory. */
  readonly cluster?: ClusterStatus;
}

/** A gate in its cluster. */
export interface ClusterStatus extends DirectoryStatus {
  /** All gates; left out for a gate inside another service. */
  readonly nodes?: readonly Pick<NodeStatus, 'node' | 'state' | 'sessions'>[];
}

/** The gates of the cluster that did not answer; left out without a cluster. */
export interface Unreachable {
  readonly unreachable?: readonly string[];
}

/** The answer of `GET /nodes`. */
export interface NodesAnswer {
  readonly nodes: readonly NodeStatus[];
}

/** What a gate answered, or why it did not. */
export interface NodeAnswer extends Partial<ReloadOutcome> {
  readonly node: string;
  readonly problem: string | null;
}

/** The answer of a request that names gates of the cluster. */
export interface NodeAnswers {
  readonly nodes: readonly NodeAnswer[];
}

/** The answer of `POST /drain` and `POST /resume`. */
export interface Drained {
  readonly draining: boolean;
  readonly open: number;
  readonly registered: number;
}

/** The answer of `GET /sessions`. */
export interface SessionList extends Unreachable {
  /** Of all sessions, also of those beyond the limit. */
  readonly count: number;
  readonly sessions: readonly LiveSession[];
}

/** The answer of `DELETE /sessions` and `DELETE /sessions/{id}`. */
export interface Kicked extends Unreachable {
  readonly kicked: number;
  /** Of the kicked sessions. */
  readonly ids: readonly string[];
  /** The banned addresses. */
  readonly banned: readonly string[];
}
