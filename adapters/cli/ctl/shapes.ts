/** The answers of a gate, as far as `ixgate ctl` shows them. */

import type { LiveSession } from '../../control/live-sessions.js';
import type { ServiceStatus } from '../../control/service-control.js';
import type { StatusCounts } from '../../control/status-counts.js';

export type { LiveSession as Session } from '../../control/live-sessions.js';
export type { LogLevel, ReloadOutcome as Reloaded } from '../../control/service-control.js';
export type { Ban, ListedPenalty as Penalty } from '../../server/limits/index.js';

export interface SessionList {
  readonly count: number;
  readonly sessions: readonly LiveSession[];
}

export interface Kicked {
  readonly kicked: number;
  readonly ids: readonly string[];
  readonly banned: readonly string[];
}

export interface Drained {
  readonly draining: boolean;
  readonly open: number;
  readonly registered: number;
}

export interface Status extends StatusCounts {
  readonly version: string;
  readonly node: string;
  readonly pid: number;
  readonly uptime: number;
  readonly state: 'running' | 'draining' | 'stopping';
  readonly notReady: string | null;
  readonly endpoints: readonly string[];
  readonly workers: {
    readonly wanted: number;
    readonly running: number;
    readonly live: number;
    readonly deaths: number;
  } | null;
  readonly service: ServiceStatus | null;
}
