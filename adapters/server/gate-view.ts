import type { SeatDelays } from '../../machines/index.js';
import type { DirectoryKind } from '../directory/directory.js';
import type { ClaimsOnLossPolicy, MemberState } from '../directory/member.js';
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
  /** What new clients whose name has a cap get while the store is lost. */
  readonly claimsOnLoss: ClaimsOnLossPolicy;
  /** Number of names that its sessions hold. */
  readonly names: number;
}

/** A gate of a cluster, as it answered. */
export interface NodeStatus {
  /** Its name. */
  readonly node: string;
  /** `unreachable`: it did not answer in time. Then what only the gate knows is null. */
  readonly state: 'running' | 'draining' | 'stopping' | 'unreachable';
  /** How it stands with the store. */
  readonly directory: MemberState | null;
  readonly version: string | null;
  /** Number of sessions. */
  readonly sessions: number | null;
  readonly registered: number | null;
  /** Number of open connections. */
  readonly open: number | null;
  /** Number of names that its sessions hold. */
  readonly names: number;
  /** The address of its admin port; null without one. */
  readonly admin: string | null;
  /** Milliseconds until its lease ends, unless the gate renews it. */
  readonly leaseRemaining: number;
}

/** The outcome of a request to a gate of a cluster. */
export interface NodeOutcome {
  readonly node: string;
  /** Why it was not done; null when it is done. */
  readonly problem: string | null;
  /** The answer of the gate; null when it was not done. */
  readonly answer: unknown;
}

/** The gates of a cluster, seen from one of them. */
export interface ClusterView {
  /**
   * Brings `sessions()` and `session()` up to date with the other gates.
   * @returns the names of the gates that do not answer; their sessions are as they were last known
   */
  look(): Promise<readonly string[]>;
  /** Waits for the answers to requests that were sent to other gates. @returns the names of the gates that do not answer */
  settled(): Promise<readonly string[]>;
  /** All gates, this one too, by name. @param timeout milliseconds that a gate may take to answer. @default 2000 */
  nodes(timeout?: number): Promise<readonly NodeStatus[]>;
  /**
   * Drains a gate, or takes it back. Gates that join later drain, too, after all gates were drained.
   * @param node null for all gates
   * @throws {UnknownNodeError}
   */
  drainNodes(node: string | null, isDraining: boolean): Promise<readonly NodeOutcome[]>;
  /** Has a gate, or all (null), read the configuration and the list of clients again. @throws {UnknownNodeError} */
  reloadNodes(node: string | null): Promise<readonly NodeOutcome[]>;
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
  readonly workers?: WorkerCounts | undefined;
  /** The gate in its cluster; null without a directory. */
  readonly directory: DirectoryStatus | null;
  /** @internal The other gates, whose sessions this view has, too; undefined where it has only those of this gate. */
  readonly cluster?: ClusterView;
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
