/** The inputs of a case: what a tester does on one connection to a server. */
import { quiescence } from '../../engine/mealy/mealy-machine.js';

/** Every input with its description, in a fixed order. */
export const serverInputs = {
  register: 'RequestRegisterClient of a client that the server must accept',
  'register-invalid': 'RequestRegisterClient of a client that the server must refuse',
  'register-malformed': 'RequestRegisterClient with invalid attributes',
  other: 'any other message',
  'event-ack': 'EventAck, sent by the client: it counts as any other message',
  'not-json': 'a frame that is not JSON',
  'no-name': 'a frame that is JSON and has no messageName',
  'too-long': 'a frame that is longer than the server takes',
  wait: 'nothing, until shortly before the deadline',
  [quiescence]: 'nothing, until shortly after the deadline',
} as const;
export type ServerInput = keyof typeof serverInputs;

export const serverInputNames = Object.keys(serverInputs) as readonly ServerInput[];

/** The kind of an input: a message, an invalid frame, or time that passes. */
export function kindOf(input: ServerInput): 'message' | 'frame' | 'time' {
  if (input === 'wait' || input === quiescence) return 'time';
  return input === 'not-json' || input === 'no-name' || input === 'too-long' ? 'frame' : 'message';
}

/** The chart's event for a message of the client. */
export function eventOf(input: ServerInput): 'RequestRegisterClient' | 'OtherMessage' {
  return input.startsWith('register') ? 'RequestRegisterClient' : 'OtherMessage';
}

/** An output of a server. `service` is any answer of the embedding service to a registered client, or none. */
export type ServerOutput = 'EventAck' | 'EventError' | 'OtherEvent' | 'service' | 'closed';

/** The answer of the service behind a server to a message of a registered client: EventAck, none, or unknown. */
export type ServiceAnswer = 'ack' | 'none' | 'any';
