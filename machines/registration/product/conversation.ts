/** The messages of a counterexample as they would be on the wire, and when they are received. */
import { type ErrorName, errorCodes } from '../chart/error-codes.js';
import { eventAck, eventError, referenceIdOf, type WireMessage } from '../chart/messages.js';
import { serverEffects } from '../chart/server-effects.js';
import type { Counterexample, CounterexampleStep } from './check.js';

/** One message; steps are counted from 0. */
export interface Utterance {
  readonly message: WireMessage;
  readonly sentAt: number;
  /** Null when it is never received. */
  readonly receivedAt: number | null;
}

interface Heard {
  readonly message: WireMessage;
  readonly error: ErrorName;
  /** Whether it was delivered to the service. */
  readonly isDelivered: boolean;
}

type Running = { -readonly [Key in keyof Utterance]: Utterance[Key] };

const clients = {
  valid: { clientName: 'desk-1', clientType: 'AgentApplication' },
  invalid: { clientName: 'unlisted', clientType: 'AgentApplication' },
} as const;

/** Every message of a counterexample in the order of sending, including those that the chart holds back (`tries`). */
export function conversationOf({ steps }: Counterexample): Utterance[] {
  const said: Running[] = [];
  const onTheWay = { server: [] as Running[], client: [] as Running[] };
  const open: Heard[] = [];
  let last: Heard | undefined;
  let referenceId = 0;
  steps.forEach((step, index) => {
    const { kind, seat, event } = step;
    if (kind === 'drops') onTheWay.server = onTheWay.client = [];
    if (seat === null) return;
    if (kind === 'receives') {
      const heard = onTheWay[seat].shift();
      if (heard) heard.receivedAt = index;
      if (heard && seat === 'server') open.push(heardBy(steps[index - 1], step, heard.message));
    } else if (kind === 'sends' || kind === 'tries') {
      let message: WireMessage;
      if (seat === 'client') {
        referenceId += 1;
        message = request(step, referenceId);
      } else {
        const answered = answeredBy(step, open) ?? (step.purpose === 'answer' ? last : undefined);
        last = answered ?? last;
        message = reply(event, answered);
      }
      const utterance: Running = { message, sentAt: index, receivedAt: null };
      said.push(utterance);
      if (kind === 'sends') onTheWay[seat === 'client' ? 'server' : 'client'].push(utterance);
    }
  });
  return said;
}

/** A message that the server receives, with the error that would answer it in the state of its chart. */
function heardBy(
  before: CounterexampleStep | undefined,
  { event, valid }: CounterexampleStep,
  message: WireMessage,
): Heard {
  const isRegistered = before?.server.startsWith('registered') ?? false;
  const isRequest = event === 'RequestRegisterClient';
  const refusal = valid ? 'validation-failed' : serverEffects.validate.error;
  const error = isRequest ? refusal : serverEffects.refuse.error;
  return {
    message,
    error: isRegistered ? serverEffects.registerAgain.error : error,
    isDelivered: isRegistered && !isRequest,
  };
}

/** Finds the message that the server answers, and removes it from the open ones. */
function answeredBy({ purpose }: CounterexampleStep, open: Heard[]): Heard | undefined {
  if (purpose === 'unsolicited' || purpose === null) return undefined;
  const at = open.findIndex(({ isDelivered }) => isDelivered === (purpose === 'service'));
  return at < 0 ? undefined : open.splice(at, 1)[0];
}

function request({ event, valid }: CounterexampleStep, referenceId: number): WireMessage {
  if (event !== 'RequestRegisterClient') return { messageName: 'RequestAgentLogin', referenceId };
  const client = clients[valid ? 'valid' : 'invalid'];
  return { messageName: event, referenceId, ...client };
}

function reply(event: CounterexampleStep['event'], answered: Heard | undefined): WireMessage {
  const referenceId = referenceIdOf(answered?.message);
  if (event === 'EventAck') return eventAck(referenceId);
  if (event === 'EventError') {
    const error = answered?.error ?? 'shutting-down';
    return eventError(referenceId, errorCodes[error], error);
  }
  return { messageName: 'EventAgentLogin', referenceId };
}
