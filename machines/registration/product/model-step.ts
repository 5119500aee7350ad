/** What can happen between two worlds, as data and as a sentence. */
import type { DisconnectReason, RegistrationEventType } from '../chart/seat.js';

export type ModelSeat = 'server' | 'client';

export interface ModelStep {
  /** Whose chart is told; null where the connection alone changes. */
  readonly seat: ModelSeat | null;
  /**
   * `connects`, `fails` and `drops` are the connection's. A seat is `told` of the connection's two ends, `says` and `hears` messages,
   * and `closes`. The server's service `tries` to say what the chart does not let it say. A `timer` runs out.
   */
  readonly kind:
    | 'connects'
    | 'fails'
    | 'drops'
    | 'told'
    | 'says'
    | 'hears'
    | 'tries'
    | 'closes'
    | 'timer';
  /** What the chart is told; null for the connection's steps and for a timer of the chart's own. */
  readonly event: RegistrationEventType | null;
  /** Of RequestRegisterClient: whether the server must find the client valid. */
  readonly valid: boolean | null;
  /** Of a message of the server's: whom it comes from. `answer`: the seat owed it. `service`: answers a message. `unasked`: neither. */
  readonly purpose: 'answer' | 'service' | 'unasked' | null;
  /** The name of the timer. */
  readonly timer: string | null;
  readonly reason: DisconnectReason | null;
  /** It must happen sooner or later: a message is read, an answer owed is given, an end is heard of. */
  readonly isDue: boolean;
}

const known = new Map<string, ModelStep>();

/** The step with these properties, always the same object. */
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
      return 'the connection drops; what was on its way is lost';
    case 'told':
      return event === 'Connected'
        ? `the ${seat} is connected`
        : `the ${seat} hears of the end: ${reason}`;
    case 'says': {
      const whose = purpose === 'service' ? 'the service' : `the ${seat}`;
      return `${whose} says ${named(step)}${purpose === 'unasked' ? ' unasked' : ''}`;
    }
    case 'hears':
      return `the ${seat} hears ${named(step)}`;
    case 'tries':
      return `the service tries to say ${event}; nothing is sent`;
    case 'closes':
      return `the ${seat} closes the connection`;
    case 'timer':
      // Where several states have the same delay the timer's name goes on with the state's.
      return `the ${seat}'s ${timer?.split(' in ')[0]} runs out`;
  }
}

function named({ event, valid }: ModelStep): string {
  if (event === 'OtherMessage') return 'any other message';
  if (event === 'OtherEvent') return 'any other event';
  if (valid === null) return String(event);
  return `${event} of a client that is ${valid ? 'valid' : 'not valid'}`;
}
