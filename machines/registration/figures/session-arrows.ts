/** A session's steps as arrows between the two lifelines, for every seat. */

import { type DisconnectReason, disconnectWords } from '../chart/seat.js';
import type { SeatName, StepRecord } from '../session/step.js';
import { type Lifeline, lifelines } from './figures.js';
import type { ObservedArrow } from './observed.js';

const [client, server] = lifelines;

/** The lifeline of a seat. The observer receives messages as the server does. */
function lifelineOf(seat: SeatName): Lifeline {
  return seat === 'client' || seat === 'tester' ? client : server;
}

const opposite = (lifeline: Lifeline): Lifeline => (lifeline === client ? server : client);

/** Which side ends a connection for a reason; `own` is the side that recorded it, null when the connection broke. */
const enders: Readonly<Record<DisconnectReason, Lifeline | 'own' | 'peer' | null>> = {
  'registration-timeout': server,
  'rejection-timeout': server,
  'server-closed': server,
  'too-many-errors': server,
  replaced: server,
  revoked: server,
  kicked: server,
  'directory-lost': server,
  drained: server,
  'client-closed': client,
  'reply-timeout': client,
  'peer-closed': 'peer',
  'protocol-error': 'own',
  'slow-reader': 'own',
  'transport-error': null,
  'handshake-failed': null,
  'connect-failed': null,
};

/**
 * The lifeline at which the arrow of a step starts: the side that sent the message, connected or disconnected. Null when the connection
 * broke, or when the step is not an arrow.
 */
export function speakerOf(step: StepRecord): Lifeline | null {
  const own = lifelineOf(step.seat);
  if (step.kind === 'message') return step.direction === 'out' ? own : opposite(own);
  if (step.to === 'disconnected') {
    const ender = step.reason === null ? null : enders[step.reason];
    return ender === 'own' ? own : ender === 'peer' ? opposite(own) : ender;
  }
  return step.from === 'connecting' ? client : null;
}

/**
 * The arrows of a session as a figure draws them: the connect, every message, the disconnect. A session that never connected has none.
 * Only the server's seat adds transitions, because a figure states the transitions of the server's chart.
 */
export function observedFrom(steps: readonly StepRecord[]): ObservedArrow[] {
  return steps.flatMap((step) => observedIn(step) ?? []);
}

function observedIn(step: StepRecord): ObservedArrow | null {
  const { elapsed: at, payload, reason, transition, seat } = step;
  const watched = seat === 'server' ? { transition } : {};
  if (step.kind === 'message') {
    const message = payload ?? { messageName: step.name, referenceId: step.referenceId };
    return { kind: 'message', from: speakerOf(step) ?? client, at, message, ...watched };
  }
  if (step.to === 'disconnected') {
    if (step.from === 'connecting') return null;
    const detail = reason === null ? {} : { detail: disconnectWords(reason, seat) };
    return {
      kind: 'disconnect',
      from: speakerOf(step) ?? server,
      at,
      message: null,
      ...detail,
      ...watched,
    };
  }
  if (step.from !== 'connecting') return null;
  return { kind: 'connect', from: client, at, message: null, ...watched };
}
