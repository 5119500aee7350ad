/**
 * The requirements for clients. The page documents the successful order and what happens to clients with another order. Every other
 * requirement is this project's own reading, and its `basis` explains it.
 */
import type { FigureId } from '../../../machines/registration/chart/registration.js';

export interface Requirement {
  readonly id: RequirementId;
  /** What a correct client does. */
  readonly sentence: string;
  /** The documented figures that show it; empty for this project's own reading. */
  readonly figures: readonly FigureId[];
  /** What the figures show, or the reason for this project's reading. */
  readonly basis: string;
}

const table = [
  {
    id: 'registers-first',
    sentence: 'Its first message is RequestRegisterClient.',
    figures: ['1', '2b'],
    basis:
      'Figure 1 begins with it; in figure 2b a client that sends another message first is refused.',
  },
  {
    id: 'registers-in-time',
    sentence: 'It sends RequestRegisterClient before the registration deadline.',
    figures: [],
    basis: 'No figure has a deadline for a silent client; the gate of this project has one.',
  },
  {
    id: 'request-is-valid',
    sentence: 'Its RequestRegisterClient has every required attribute, each of the right type.',
    figures: [],
    basis:
      'The names are those of the public SDK; which attributes are required is this project’s reading.',
  },
  {
    id: 'frames-are-messages',
    sentence: 'Every frame that it sends is a message.',
    figures: [],
    basis: 'The framing is a choice of this project; the documented one is not public.',
  },
  {
    id: 'asks-once',
    sentence: 'It does not register a second time while it waits for the answer.',
    figures: [],
    basis: 'Every figure draws the answer to a request before the next request.',
  },
  {
    id: 'silent-until-answered',
    sentence: 'It sends nothing else between RequestRegisterClient and the answer.',
    figures: ['1', '2b'],
    basis: 'Figure 1 draws nothing in between; in figure 2b such a message is refused.',
  },
  {
    id: 'foreign-answer',
    sentence: 'An answer with an unrelated reference id neither registers nor refuses it.',
    figures: [],
    basis:
      'The page does not state that answers carry the reference id of the request; this is inferred.',
  },
  {
    id: 'garbage-does-not-register',
    sentence: 'After an invalid frame it does not act as a registered client.',
    figures: [],
    basis: 'The page does not mention invalid frames; only EventAck registers.',
  },
  {
    id: 'refused-is-not-registered',
    sentence: 'After EventError it disconnects, registers again or is silent.',
    figures: ['2c'],
    basis:
      'In figure 2c any other message is refused again. That it may register again is this project’s reading.',
  },
  {
    id: 'stays-registered',
    sentence: 'After EventAck it stays connected.',
    figures: [],
    basis: 'Figure 1 draws no disconnect; the client decides how long it stays.',
  },
  {
    id: 'registers-once',
    sentence: 'After EventAck it does not register again.',
    figures: [],
    basis: 'Figure 1 draws one request. The page does not describe a second one.',
  },
  {
    id: 'gives-up-in-time',
    sentence: 'Without an answer it disconnects at its reply timeout.',
    figures: [],
    basis: 'Judged only when the reply timeout of the client is known.',
  },
  {
    id: 'reconnects-slowly',
    sentence:
      'When the server drops each connection, it does not reconnect more often than allowed.',
    figures: [],
    basis: 'The SDK waits between attempts; the limit is the tester’s choice.',
  },
] as const;

export type RequirementId = (typeof table)[number]['id'];

/**
 * Every requirement. The tester judges only what the wire shows: it cannot distinguish a client that sends nothing after an EventAck
 * from one that ignored the EventAck.
 */
export const clientRequirements: readonly Requirement[] = table;

/** The requirements that every connection tests. */
export const always: readonly RequirementId[] = [
  'registers-first',
  'registers-in-time',
  'request-is-valid',
  'frames-are-messages',
];
