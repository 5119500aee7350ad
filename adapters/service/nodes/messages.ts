/** The requests between the gates of a cluster, as `NodeMessages` carries them. */
import type { SessionSummary } from '../../../machines/registration/session/verdict.js';
import type { NodeStatus } from '../../server/gate-view.js';
import type { SessionInfo } from '../../server/index.js';
import type { EventBatch } from '../mirror/event-batcher.js';
import type { SessionAsk } from '../mirror/session-ask.js';

/** Begins to send the sessions to the asking gate. */
export interface WatchSessions {
  readonly watch: string;
  /** Whether steps and summaries are needed, too. */
  readonly steps: boolean;
}

/** The answer to `renew-watch`: what was sent until now. */
export interface WatchState {
  /** Whether the watch exists. */
  readonly isKnown: boolean;
  /** Number of the last message. */
  readonly seq: number;
}

/** What a watch sends, numbered from 1. A missing number means that a message was lost. */
export type SessionNews = { readonly watch: string; readonly seq: number } & (
  | {
      readonly kind: 'snapshot';
      readonly sessions: readonly SessionInfo[];
      /** As far as the page of that gate holds them. */
      readonly summaries: readonly SessionSummary[];
      readonly isLast: boolean;
    }
  | ({ readonly kind: 'batch' } & EventBatch)
);

/** Requests to sessions of a gate, in order. */
export type SessionAsks = readonly (readonly [session: string, ask: SessionAsk])[];

/** What a gate answers to `node-status`. */
export type OwnStatus = Omit<NodeStatus, 'leaseRemaining' | 'names'>;
