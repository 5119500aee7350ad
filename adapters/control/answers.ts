/** The answers of live control that `ixgate ctl` and `ixgate doctor` read. */
import type { WorkerCounts } from '../server/gate-view.js';
import type { GateCounts } from '../server/index.js';
import type { LiveSession } from './live-sessions.js';
import type { ServiceStatus } from './service-control.js';

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
}

/** The answer of `POST /drain` and `POST /resume`. */
export interface Drained {
  readonly draining: boolean;
  readonly open: number;
  readonly registered: number;
}

/** The answer of `GET /sessions`. */
export interface SessionList {
  /** Of all sessions, also of those beyond the limit. */
  readonly count: number;
  readonly sessions: readonly LiveSession[];
}

/** The answer of `DELETE /sessions` and `DELETE /sessions/{id}`. */
export interface Kicked {
  readonly kicked: number;
  /** Of the kicked sessions. */
  readonly ids: readonly string[];
  /** The banned addresses. */
  readonly banned: readonly string[];
}
