import type { DisconnectReason } from '../../machines/index.js';
import type { ConnectionSlot as TransportPlace } from '../net/transports/transport.js';
import type { Admission, ConnectionSlot, Violation } from './limits/index.js';
import type { Outcome, ServerCounters } from './server-counters.js';
import type { GateSession } from './session.js';
import type { UnregisteredClient, UnregisteredOutcome } from './unregistered-client.js';

/**
 * One accepted connection, from its accept until its socket is gone: its place, what became of it (decided once), and what that
 * costs its address.
 */
export class AdmittedConnection implements TransportPlace {
  readonly remoteAddress: string;
  readonly #slot: ConnectionSlot;
  readonly #admission: Admission;
  readonly #counters: ServerCounters;
  #isDecided = false;
  /** Its session, and its neighbours in the registry, while it is there. */
  session: GateSession | null = null;
  before: AdmittedConnection | null = null;
  after: AdmittedConnection | null = null;

  constructor(
    remoteAddress: string,
    slot: ConnectionSlot,
    admission: Admission,
    counters: ServerCounters,
  ) {
    this.remoteAddress = remoteAddress;
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

  /** It ends without having been registered; of no consequence when it was. */
  ended(client: UnregisteredClient, reason: DisconnectReason): void {
    if (this.#isDecided) return;
    const outcome = client.outcome(reason);
    this.#decide(outcomeOf(outcome), offenceOf(outcome));
  }

  /** It was never set up. */
  handshakeFailed(error: Error & { readonly code?: string; readonly isProbe?: boolean }): void {
    const failed = error.cause ? 'refused' : 'silent';
    const offence = error.code === 'HANDSHAKE_TIMEOUT' ? 'timeout' : failed;
    this.#decide('handshake-failed', error.isProbe ? 'probe' : offence);
  }

  /** The socket is gone. */
  release(): void {
    // No reason was reported: the gate gave it up when it was closed.
    this.#decide('closed', null);
    this.#slot.release();
  }

  #decide(outcome: Outcome, offence: Violation | null): void {
    if (this.#isDecided) return;
    this.#isDecided = true;
    this.#counters.outcomes[outcome] += 1;
    if (offence !== null) this.#admission.addPenalty(this.remoteAddress, offence);
  }
}

function outcomeOf({ reason, erred }: UnregisteredOutcome): Outcome {
  if (reason === 'protocol-error') return reason;
  if (reason === 'drained' || reason === 'server-closed') return 'closed';
  if (erred) return 'refused';
  // Blank lines count as errors and are not answered.
  if (reason === 'too-many-errors') return 'protocol-error';
  return reason === 'registration-timeout' ? 'timed-out' : 'left';
}

/** One penalty a connection, for how it ended, as OpenSSH has it. */
function offenceOf({ reason, sent, asked, invalid }: UnregisteredOutcome): Violation | null {
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
      return null;
    default:
      if (invalid) return 'refused';
      if (asked) return null;
      return sent ? 'silent' : 'probe';
  }
}
