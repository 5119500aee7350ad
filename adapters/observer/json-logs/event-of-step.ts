import type { DisconnectReason } from '../../../machines/registration/chart/seat.js';
import { lifelines } from '../../../machines/registration/figures/figures.js';
import { speakerOf } from '../../../machines/registration/figures/session-arrows.js';
import type {
  Observed,
  ObservedEvent,
  Peer,
} from '../../../machines/registration/observer/events.js';
import type { StepRecord } from '../../../machines/registration/session/step.js';

const [client] = lifelines;

/**
 * The event of a recorded step, as the server's side would log it. Null for a step that is not visible on the
 * connection: the connection was never set up.
 */
export function eventOf(
  step: StepRecord,
  peer: Peer,
  // Written out: spreading an object into each event takes longer than parsing its line.
  { at, place, inferred }: Observed,
): ObservedEvent | null {
  const { from, to, payload, name, referenceId } = step;
  const recorded = { from, to };
  if (step.kind === 'message') {
    const message = payload ?? { messageName: name, referenceId };
    const by = speakerOf(step) === client ? 'client' : 'server';
    return { type: 'said', at, place, inferred, peer, by, message, recorded };
  }
  if (to === 'disconnected') {
    if (from === 'connecting') return null;
    const speaker = speakerOf(step);
    const by = speaker === null ? null : speaker === client ? 'client' : 'server';
    const reason = reasonOf(step) ?? undefined;
    return { type: 'disconnected', at, place, inferred, peer, by, reason, recorded };
  }
  return from === 'connecting' ? { type: 'connected', at, place, inferred, peer } : null;
}

/** For a client's recording the peer is the server. The reason of the server's close is unknown: no deadline is inferred from it. */
function reasonOf({ seat, reason }: StepRecord): DisconnectReason | null {
  const isClients = seat === 'client' || seat === 'tester';
  return isClients && reason === 'peer-closed' ? 'server-closed' : reason;
}
