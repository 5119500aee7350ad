/** The events that can be sent to the chart, with the chart's descriptions. */
import {
  type Configuration,
  type DisconnectReason,
  errorCodes,
  eventAck,
  eventError,
  type Lifeline,
  type RegistrationEventType,
  registrationEventTypes,
  type StepRecord,
  serverEffects,
  transitionsTaken,
  type WireMessage,
} from '../../../machines/index.js';
import { pairingOf } from '../ladder/pairing.js';

export interface Choice {
  readonly type: RegistrationEventType;
  readonly label: string;
  /** Null for connect and disconnect. */
  readonly from: Lifeline | null;
  /** Whether it is a step of the protocol in this state. */
  readonly legal: boolean;
  /** The chart's description of the outcome. */
  readonly says: string;
}

const labels: Readonly<Record<RegistrationEventType, string>> = {
  Connected: 'connect',
  RequestRegisterClient: 'RequestRegisterClient',
  OtherMessage: 'any other message',
  EventAck: 'EventAck',
  EventError: 'EventError',
  OtherEvent: 'any other event',
  Disconnected: 'disconnect',
};

const speakers: Readonly<Record<RegistrationEventType, Lifeline | null>> = {
  Connected: null,
  RequestRegisterClient: 'Client',
  OtherMessage: 'Client',
  EventAck: 'Interaction Server',
  EventError: 'Interaction Server',
  OtherEvent: 'Interaction Server',
  Disconnected: null,
};

/** All events in a fixed order, the legal ones first; none after the end of the session. */
export function choicesIn(configuration: Configuration): Choice[] {
  if (configuration === 'disconnected') return [];
  const choices = registrationEventTypes.map((type) => {
    const edges = transitionsTaken(configuration, type);
    return {
      type,
      label: labels[type],
      from: speakers[type],
      legal: edges.some((edge) => !edge.unexpected),
      says: edges.map((edge) => edge.description).join(' '),
    };
  });
  return [...choices.filter(({ legal }) => legal), ...choices.filter(({ legal }) => !legal)];
}

/** The reasons for an external disconnect. The chart itself handles the deadlines. */
export function reasonsIn(configuration: Configuration): DisconnectReason[] {
  return configuration === 'connecting'
    ? ['handshake-failed', 'transport-error', 'drained']
    : [
        'peer-closed',
        'server-closed',
        'protocol-error',
        'transport-error',
        'slow-reader',
        'drained',
      ];
}

/** The default message of an event: with a new reference id for the client, or that of the pending request for the server. */
export function draftOf(
  type: RegistrationEventType,
  steps: readonly StepRecord[],
  configuration: Configuration,
): WireMessage | null {
  switch (type) {
    case 'RequestRegisterClient':
      return {
        messageName: type,
        referenceId: nextId(steps),
        clientName: 'desk-1',
        clientType: 'AgentApplication',
      };
    case 'OtherMessage':
      return { messageName: 'RequestAgentLogin', referenceId: nextId(steps) };
    case 'EventAck':
      return eventAck(owedId(steps));
    case 'EventError': {
      const { validate, refuse } = serverEffects;
      const { error, description } = configuration.startsWith('validating') ? validate : refuse;
      return eventError(owedId(steps), errorCodes[error], description);
    }
    case 'OtherEvent':
      return { messageName: 'EventOther', referenceId: null };
    default:
      return null;
  }
}

function nextId(steps: readonly StepRecord[]): number {
  return Math.max(0, ...steps.map(({ referenceId }) => referenceId ?? 0)) + 1;
}

/** The first request without an answer. */
function owedId(steps: readonly StepRecord[]): number | null {
  const [seq] = pairingOf(steps).unanswered;
  return steps.find((step) => step.seq === seq)?.referenceId ?? null;
}
