import type { GateCounts } from '../server/index.js';

/** The counts of a gate that `GET /status` has. */
export type StatusCounts = Pick<
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
