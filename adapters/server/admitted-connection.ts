import type { RequestRegisterClient } from '../../machines/registration/chart/messages.js';
import type { DisconnectReason } from '../../machines/registration/chart/seat.js';
import type { ConnectionSlot as TransportSlot } from '../net/transports/transport.js';
import type { Arrival } from './arrival.js';
import type { EncodedMessage } from './encoded-message.js';
import type { Admission, ConnectionSlot, Violation } from './limits/index.js';
import type { NameHolder } from './name-policy.js';
import type { SendOutcome } from './send-outcome.js';
import type { Outcome, ServerCounters } from './server-counters.js';
import type { ServerSession } from './server-session.js';
import type { UnregisteredClient, UnregisteredOutcome } from './unregistered-client.js';
import type { ConnectionInfo } from './validator.js';

/** Holds a session while it is open. */
export interface SessionHolder {
  readonly session: ManagedSession | null;
}

/** A session as its server manages it. */
export interface ManagedSession extends ServerSession<unknown>, NameHolder {
  /** The number of the session within its server. */
  readonly number: number;
  readonly admitted: AdmittedConnection;
  /** The granted registration; null until then. */
  readonly registration: RequestRegisterClient | null;
  /** The registered name; empty until then. */
  readonly clientName: string;
  readonly wasRegistered: boolean;
  /** Whether it holds a name that is shared with other gates. */
  readonly holdsName: boolean;
  readonly connectionInfo: ConnectionInfo;
  /** Milliseconds since it connected, by a clock that never jumps. */
  readonly elapsed: number;
  /** The id of the session whose connection carries this client; null for a client with its own connection. */
  readonly carrier: string | null;
  isOver(): boolean;
  /** Sends a message that is encoded already to a registered client. */
  sendEncoded(encoded: EncodedMessage): SendOutcome;
  /** Ends the membership in all groups. */
  leaveGroups(): void;
  /** Begins to read from the connection. */
  start(): void;
  /** Switches TCP keep-alive on once the connection is old enough. @param silence milliseconds */
  enableKeepAlive(silence: number): void;
  /** Pings a client that was silent for `interval`, and gives it `timeout` to answer; milliseconds. */
  ping(now: number, interval: number, timeout: number): void;
  /** Applies changed limits to the connection. */
  limitFrames(): void;
  /** Sends EventError shutting-down. An unregistered client is disconnected; a registered one may stay until `drained`. */
  shutDown(): void;
  drained(): void;
  /** Disconnects a client whose name this gate cannot hold any more: the store of the names is lost. */
  loseDirectory(): void;
  /** Disconnects a client that is not valid any more. */
  revoke(reason: string): void;
  finish(reason: DisconnectReason): void;
}

type Slot = Pick<ConnectionSlot, 'acceptedAt' | 'registered' | 'release'>;

/**
 * One accepted connection, from its accept until its socket is gone. It has the connection's slot and its outcome, which is decided once
 * and may add a penalty to its address.
 */
export class AdmittedConnection implements TransportSlot, SessionHolder {
  readonly remoteAddress: string;
  readonly arrival: Arrival;
  readonly #slot: Slot;
  readonly #admission: Pick<Admission, 'addPenalty'>;
  readonly #counters: ServerCounters;
  #isDecided = false;
  /** The session and its neighbours in the registry, while the connection is open. */
  session: ManagedSession | null = null;
  before: AdmittedConnection | null = null;
  after: AdmittedConnection | null = null;

  constructor(
    remoteAddress: string,
    arrival: Arrival,
    slot: Slot,
    admission: Pick<Admission, 'addPenalty'>,
    counters: ServerCounters,
  ) {
    this.remoteAddress = remoteAddress;
    this.arrival = arrival;
    this.#slot = slot;
    this.#admission = admission;
    this.#counters = counters;
    counters.accepted += 1;
  }

  get acceptedAt(): number {
    return this.#slot.acceptedAt;
  }

  registered(): void {
    this.#slot.registered();
    this.#decide('registered', null);
  }

  /** The session ends. Without effect when the client was registered. */
  ended(client: UnregisteredClient, reason: DisconnectReason): void {
    if (this.#isDecided) return;
    const outcome = client.outcome(reason);
    this.#decide(outcomeOf(outcome), violationOf(outcome));
  }

  /** The TLS handshake or WebSocket upgrade failed. */
  handshakeFailed(error: Error & { readonly code?: string; readonly isProbe?: boolean }): void {
    const failed = error.cause ? 'refused' : 'silent';
    const violation = error.code === 'HANDSHAKE_TIMEOUT' ? 'timeout' : failed;
    this.#decide('handshake-failed', error.isProbe ? 'probe' : violation);
  }

  /** The socket is gone. */
  release(): void {
    // Without a reason: the gate destroyed the connection when it was closed.
    this.#decide('closed', null);
    this.#slot.release();
  }

  #decide(outcome: Outcome, violation: Violation | null): void {
    if (this.#isDecided) return;
    this.#isDecided = true;
    this.#counters.outcomes[outcome] += 1;
    if (violation !== null) this.#admission.addPenalty(this.remoteAddress, violation);
  }
}

function outcomeOf({ reason, erred }: UnregisteredOutcome): Outcome {
  if (reason === 'protocol-error') return reason;
  if (isOwnEnd(reason)) return 'closed';
  if (erred) return 'refused';
  // Blank lines count as errors and are not answered.
  if (reason === 'too-many-errors') return 'protocol-error';
  return reason === 'registration-timeout' ? 'timed-out' : 'left';
}

/** The gate ended the session for a reason that has nothing to do with the client. */
function isOwnEnd(reason: DisconnectReason): boolean {
  return ['drained', 'server-closed', 'kicked', 'directory-lost'].includes(reason);
}

/** One penalty a connection, for how it ended, as in OpenSSH. */
function violationOf({ reason, sent, asked, invalid }: UnregisteredOutcome): Violation | null {
  switch (reason) {
    case 'protocol-error':
    case 'too-many-errors':
      return 'protocol-error';
    case 'registration-timeout':
    case 'rejection-timeout':
    case 'slow-reader':
      return 'timeout';
    case 'drained':
    case 'server-closed':
    case 'kicked':
    case 'directory-lost':
      return null;
    default:
      if (invalid) return 'refused';
      if (asked) return null;
      return sent ? 'silent' : 'probe';
  }
}
