import type { SeatDelays } from '../../machines/index.js';
import type { DirectoryKind } from '../directory/directory.js';
import type { MemberState } from '../directory/member.js';
import type { Endpoint } from '../net/transports/endpoint.js';
import type { ViewEvents } from './events.js';
import type { GateCounts } from './server-counters.js';
import type { SessionView } from './server-session.js';
import type { SessionInfo } from './session-info.js';

/** The workers of a gate. */
export interface WorkerCounts {
  /** Number of configured workers. */
  readonly wanted: number;
  /** Workers that listen. */
  readonly running: number;
  /** Workers that listen and are not hung. */
  readonly live: number;
  /** Workers that have died since the start. */
  readonly deaths: number;
  /** The error code (`EMFILE`) while a worker cannot be started; else null. */
  readonly startError: string | null;
}

/** A gate in its cluster. */
export interface DirectoryStatus {
  readonly kind: DirectoryKind;
  /** The store, without a password. */
  readonly address: string;
  readonly cluster: string;
  /** The name of this gate. */
  readonly node: string;
  /** `lost` while the store does not answer, so that no name with a cap is granted. */
  readonly state: MemberState;
  /** Number of names that its sessions hold. */
  readonly names: number;
}

/** A gate as its users see it. Its sessions run in this process or in the workers of a cluster. */
export interface GateView {
  readonly endpoints: readonly Endpoint[];
  /** The deadlines in force, in milliseconds. */
  readonly delays: SeatDelays;
  readonly isClosing: boolean;
  /** Whether new connections are rejected until `setDraining(false)`. */
  readonly isDraining: boolean;
  readonly isOverloaded: boolean;
  /** The workers; undefined where the sessions run in this process. */
  readonly workers?: WorkerCounts;
  /** The gate in its cluster; null without a directory. */
  readonly directory: DirectoryStatus | null;
  /**
   * Drains the gate, or takes it back. A draining gate listens and rejects new connections with EventError shutting-down (HTTP 503 for
   * WebSockets). Open connections stay, and their clients may register.
   */
  setDraining(isDraining: boolean): void;
  sessions(): SessionInfo[];
  session(id: string): SessionView | undefined;
  counts(): GateCounts;
  on<Name extends keyof ViewEvents>(
    name: Name,
    listener: (...what: ViewEvents[Name]) => void,
  ): unknown;
  off<Name extends keyof ViewEvents>(
    name: Name,
    listener: (...what: ViewEvents[Name]) => void,
  ): unknown;
}
