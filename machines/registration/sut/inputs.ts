/** What a tester can do to a server on one connection: the inputs of a case. */
import { quiescence } from '../../engine/mealy/index.js';

/** Every input with its sentence, in a fixed order. */
export const serverInputs = {
  register: 'RequestRegisterClient of a client that the server must find valid',
  'register-invalid': 'RequestRegisterClient of a client that it must not find valid',
  'register-malformed': 'RequestRegisterClient whose attributes are wrong',
  other: 'any other message',
  'event-ack': 'EventAck, said by the client: any other message, too',
  'not-json': 'a frame that is not JSON',
  'no-name': 'a frame that is JSON and has no messageName',
  'too-long': 'a frame that is longer than the server takes',
  wait: 'nothing, until shortly before the deadline',
  [quiescence]: 'nothing, until shortly after the deadline',
} as const;
export type ServerInput = keyof typeof serverInputs;

export const serverInputNames = Object.keys(serverInputs) as readonly ServerInput[];

/** What kind of input it is: a message, an invalid frame, or time that passes. */
export function kindOf(input: ServerInput): 'message' | 'frame' | 'time' {
  if (input === 'wait' || input === quiescence) return 'time';
  return input === 'not-json' || input === 'no-name' || input === 'too-long' ? 'frame' : 'message';
}

/** The chart's event for a message of the client's. */
export function eventOf(input: ServerInput): 'RequestRegisterClient' | 'OtherMessage' {
  return input.startsWith('register') ? 'RequestRegisterClient' : 'OtherMessage';
}

/** What is seen of a server. `service` is whatever the embedding service says to a registered client, nothing included. */
export type ServerOutput = 'EventAck' | 'EventError' | 'OtherEvent' | 'service' | 'closed';

/** What the service behind a server answers to a registered client's message: EventAck, nothing, or unknown. */
export type ServiceAnswer = 'ack' | 'none' | 'any';
