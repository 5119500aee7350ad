import type { DisconnectReason } from '../../machines/index.js';
import type { Place as TransportPlace } from '../net/transports/transport.js';
import type { Admission, Offence, Place } from './limits/index.js';
import type { GateSession } from './session.js';
import type { Conduct, Stranger } from './stranger.js';
import type { Outcome, Tally } from './tally.js';

/**
 * One accepted connection, from its accept until its socket is gone: its place, what became of it (decided once), and what that
 * costs its address.
 */
export class Arrival implements TransportPlace {
  readonly remoteAddress: string;
  readonly #place: Place;
  readonly #admission: Admission;
  readonly #tally: Tally;
  #isDecided = false;
  /** Its session, and its neighbours on the roll, while it is there. */
  session: GateSession | null = null;
  before: Arrival | null = null;
  after: Arrival | null = null;

  constructor(remoteAddress: string, place: Place, admission: Admission, tally: Tally) {
    this.remoteAddress = remoteAddress;
    this.#place = place;
    this.#admission = admission;
    this.#tally = tally;
    tally.accepted += 1;
  }

  get acceptedAt(): number {
    return this.#place.acceptedAt;
  }

  registered(): void {
    this.#place.registered();
    this.#decide('registered', null);
  }

  /** It ends without having been registered; of no consequence when it was. */
  ended(stranger: Stranger, reason: DisconnectReason): void {
    if (this.#isDecided) return;
    const conduct = stranger.conduct(reason);
    this.#decide(outcomeOf(conduct), offenceOf(conduct));
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
    this.#place.release();
  }

  #decide(outcome: Outcome, offence: Offence | null): void {
    if (this.#isDecided) return;
    this.#isDecided = true;
    this.#tally.outcomes[outcome] += 1;
    if (offence !== null) this.#admission.penalise(this.remoteAddress, offence);
  }
}

function outcomeOf({ reason, erred }: Conduct): Outcome {
  if (reason === 'protocol-error') return reason;
  if (reason === 'drained' || reason === 'server-closed') return 'closed';
  if (erred) return 'refused';
  // Blank lines count as errors and are not answered.
  if (reason === 'too-many-errors') return 'protocol-error';
  return reason === 'registration-timeout' ? 'timed-out' : 'left';
}

/** One penalty a connection, for how it ended, as OpenSSH has it. */
function offenceOf({ reason, sent, asked, invalid }: Conduct): Offence | null {
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
