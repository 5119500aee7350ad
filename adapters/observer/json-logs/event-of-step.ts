import {
  type DisconnectReason,
  lifelines,
  type Observed,
  type ObservedEvent,
  type Peer,
  type StepRecord,
  speakerOf,
} from '../../../machines/index.js';

const [client] = lifelines;

/**
 * What a recorded step says has happened, as the server's side of it would tell it. Null for a step of which nothing is seen on the
 * connection: one that was never set up.
 */
export function eventOf(
  step: StepRecord,
  peer: Peer,
  // One after the other: spreading an object into each event takes longer than reading its line.
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

/** To a client its peer is the server. Of why that closed it says nothing: a deadline is not concluded from it. */
function reasonOf({ seat, reason }: StepRecord): DisconnectReason | null {
  const isClients = seat === 'client' || seat === 'tester';
  return isClients && reason === 'peer-closed' ? 'server-closed' : reason;
}
