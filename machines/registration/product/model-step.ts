/** A step between two global states, as data and as a sentence. */
import type { DisconnectReason, RegistrationEventType } from '../chart/seat.js';

export type ModelSeat = 'server' | 'client';

export interface ModelStep {
  /** The seat whose chart gets the event; null when only the connection changes. */
  readonly seat: ModelSeat | null;
  /**
   * `connects`, `fails` and `drops` are steps of the connection. A seat `notices` the connect and the end, `sends`
   * and `receives` messages, and `closes`. `tries`: the service sends a message that the chart holds back. `timer`: one expires.
   */
  readonly kind:
    | 'connects'
    | 'fails'
    | 'drops'
    | 'notices'
    | 'sends'
    | 'receives'
    | 'tries'
    | 'closes'
    | 'timer';
  /** The event for the chart; null for the connection's steps and for the chart's own timers. */
  readonly event: RegistrationEventType | null;
  /** For RequestRegisterClient: whether the client is valid. */
  readonly valid: boolean | null;
  /** For a message of the server: `answer` is a pending answer of the seat, `service` answers a delivered message, `unsolicited` is neither. */
  readonly purpose: 'answer' | 'service' | 'unsolicited' | null;
  /** The name of the timer. */
  readonly timer: string | null;
  readonly reason: DisconnectReason | null;
  /** Whether the step must happen eventually: a message is read, an owed answer is sent, an end is noticed. */
  readonly isDue: boolean;
}

const known = new Map<string, ModelStep>();

/** The step with these properties; equal steps are the same object. */
export function modelStep(
  seat: ModelStep['seat'],
  kind: ModelStep['kind'],
  more: Partial<Omit<ModelStep, 'seat' | 'kind'>> = {},
): ModelStep {
  const step: ModelStep = {
    seat,
    kind,
    event: null,
    valid: null,
    purpose: null,
    timer: null,
    reason: null,
    isDue: false,
    ...more,
  };
  const key = JSON.stringify(step);
  const same = known.get(key);
  if (same) return same;
  known.set(key, step);
  return step;
}

/** A step as a sentence without a full stop. */
export function describeModelStep(step: ModelStep): string {
  const { seat, kind, event, timer, reason, purpose } = step;
  switch (kind) {
    case 'connects':
      return 'the connection is set up';
    case 'fails':
      return 'the connection cannot be set up';
    case 'drops':
      return 'the connection drops; messages in flight are lost';
    case 'notices':
      return event === 'Connected'
        ? `the ${seat} is connected`
        : `the ${seat} is disconnected: ${reason}`;
    case 'sends': {
      const sender = purpose === 'service' ? 'the service' : `the ${seat}`;
      return `${sender} sends ${named(step)}${purpose === 'unsolicited' ? ', unsolicited' : ''}`;
    }
    case 'receives':
      return `the ${seat} receives ${named(step)}`;
    case 'tries':
      return `the service tries to send ${event}; the chart holds it back`;
    case 'closes':
      return `the ${seat} closes the connection`;
    case 'timer':
      // Several states with the same delay have timers named `delay in state`.
      return `the ${seat}'s ${timer?.split(' in ')[0]} expires`;
  }
}

function named({ event, valid }: ModelStep): string {
  if (event === 'OtherMessage') return 'any other message';
  if (event === 'OtherEvent') return 'any other event';
  if (valid === null) return String(event);
  return `${event} of ${valid ? 'a valid' : 'an invalid'} client`;
}
