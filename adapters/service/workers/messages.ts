/** The messages between the primary process and its workers. */
import type { LoadedConfig } from '../../config/index.js';
import type { SharedPenalty } from '../../directory/limits/limit-messages.js';
import type { SourceChange } from '../../directory/limits/source-changes.js';
import type { MemberClaimOutcome } from '../../directory/member.js';
import type { Endpoint } from '../../net/transports/endpoint.js';
import type { GateCounts } from '../../server/index.js';
import type { AdmissionChange, Ban, ListedPenalty } from '../../server/limits/index.js';
import type { EventBatch } from '../mirror/event-batcher.js';
import type { SerializedError } from '../mirror/serialized.js';
import type { SessionAsk } from '../mirror/session-ask.js';

/** Counts of a worker's recorder, and its current file. */
export interface Recorded {
  readonly steps: number;
  readonly dropped: number;
  readonly path: string | null;
}

/** Everything that happened in a worker since the previous batch. */
export interface Batch extends EventBatch {
  readonly type: 'batch';
  /** Changes of the worker's connection counts. */
  readonly changes: readonly AdmissionChange[];
  /** The same for the other gates of a cluster; empty where limits are not shared with them. */
  readonly sourceChanges: readonly SourceChange[];
  readonly counts: GateCounts;
  readonly isOverloaded: boolean;
  readonly recorded: Recorded | null;
}

export type FromWorker =
  /** The worker receives messages from now on. */
  | { readonly type: 'ready' }
  /** The worker listens. */
  | { readonly type: 'opened'; readonly endpoints: readonly Endpoint[] }
  /** The worker could not open. */
  | { readonly type: 'failed'; readonly error: SerializedError }
  | {
      readonly type: 'reconfigured';
      readonly generation: number;
      readonly error: SerializedError | null;
    }
  | Batch
  /** Claims a name, which may have `cap` sessions, for a session. */
  | {
      readonly type: 'claim';
      readonly id: number;
      readonly session: string;
      readonly clientName: string;
      readonly cap: number;
    }
  | {
      readonly type: 'log';
      readonly severity: 'info' | 'error' | 'once';
      readonly what: readonly [string, ...unknown[]];
    }
  /** The session is over, or does not want its name. */
  | { readonly type: 'release'; readonly session: string }
  /** `make-room` or `end-session` is done; sessions that it ended were reported before. */
  | { readonly type: 'done'; readonly id: number }
  | {
      readonly type: 'penalties';
      readonly id: number;
      readonly penalties: readonly ListedPenalty[];
    }
  /** All connections are closed. */
  | { readonly type: 'drained' }
  /** The worker's event loop runs. */
  | {
      readonly type: 'heartbeat';
      /** Number of the configuration in force; 0 before the first. */
      readonly generation: number;
    };

export type ToWorker =
  | {
      readonly type: 'open';
      readonly loaded: LoadedConfig;
      /** Number of this configuration, ascending. */
      readonly generation: number;
      /** Whether batches contain steps. */
      readonly steps: boolean;
      /** Connections that the other workers have. */
      readonly changes: readonly AdmissionChange[];
      /** What the other gates of the cluster count. */
      readonly others: readonly SourceChange[];
      /** What operators have decided so far. */
      readonly decisions: readonly Decision[];
    }
  | { readonly type: 'decision'; readonly decision: Decision }
  /** Asks for the penalties that the worker knows. */
  | { readonly type: 'penalties'; readonly id: number }
  | {
      readonly type: 'reconfigure';
      readonly loaded: LoadedConfig;
      readonly generation: number;
      readonly rereadList: boolean;
    }
  | { readonly type: 'drain' }
  | { readonly type: 'changes'; readonly changes: readonly AdmissionChange[] }
  /** What other gates of the cluster have counted, and penalties that they know. */
  | {
      readonly type: 'others';
      readonly changes: readonly SourceChange[];
      readonly penalties: readonly SharedPenalty[];
    }
  | { readonly type: 'claimed'; readonly id: number; readonly outcome: MemberClaimOutcome }
  /** Replaces sessions of these by the name policy. */
  | { readonly type: 'make-room'; readonly id: number; readonly sessions: readonly string[] }
  /** Ends a session that has lost its name. */
  | {
      readonly type: 'end-session';
      readonly id: number;
      readonly session: string;
      readonly reason: 'replaced' | 'directory-lost';
    }
  | { readonly type: 'session'; readonly session: string; readonly ask: SessionAsk };

/** A decision of an operator that holds in all workers. */
export type Decision =
  | { readonly what: 'draining'; readonly isDraining: boolean }
  | { readonly what: 'ban'; readonly ban: Ban }
  | { readonly what: 'unban'; readonly source: string }
  | { readonly what: 'clear-penalties'; readonly address: string | null };
