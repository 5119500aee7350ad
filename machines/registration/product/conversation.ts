/** What is said in a counterexample, as it would stand on the wire, and when it is heard. */
import { type ErrorName, errorCodes } from '../chart/error-codes.js';
import { eventAck, eventError, referenceIdOf, type WireMessage } from '../chart/messages.js';
import { serverEffects } from '../chart/server-effects.js';
import type { Counterexample, CounterexampleStep } from './check.js';

/** One message: the places are those of the steps, from 0. */
export interface Utterance {
  readonly message: WireMessage;
  readonly saidAt: number;
  /** Null when it is never heard. */
  readonly heardAt: number | null;
}

interface Heard {
  readonly message: WireMessage;
  readonly error: ErrorName;
  /** The service has it. */
  readonly isDelivered: boolean;
}

type Running = { -readonly [Key in keyof Utterance]: Utterance[Key] };

const clients = {
  valid: { clientName: 'desk-1', clientType: 'AgentApplication' },
  invalid: { clientName: 'nobody', clientType: 'AgentApplication' },
} as const;

/** Every message of a counterexample, in the order in which they are said; those that are only tried are among them. */
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
    if (kind === 'hears') {
      const heard = onTheWay[seat].shift();
      if (heard) heard.heardAt = index;
      if (heard && seat === 'server') open.push(heardBy(steps[index - 1], step, heard.message));
    } else if (kind === 'says' || kind === 'tries') {
      let message: WireMessage;
      if (seat === 'client') {
        referenceId += 1;
        message = request(step, referenceId);
      } else {
        const answered = answeredBy(step, open) ?? (step.purpose === 'answer' ? last : undefined);
        last = answered ?? last;
        message = reply(event, answered);
      }
      const utterance: Running = { message, saidAt: index, heardAt: null };
      said.push(utterance);
      if (kind === 'says') onTheWay[seat === 'client' ? 'server' : 'client'].push(utterance);
    }
  });
  return said;
}

/** What it is that a server hears depends on where its chart is by then. */
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

/** The message that an answer of the server's is to, which is open no more. */
function answeredBy({ purpose }: CounterexampleStep, open: Heard[]): Heard | undefined {
  if (purpose === 'unasked' || purpose === null) return undefined;
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
