/**
 * What a client is judged by. The page documents the successful order and what becomes of who keeps to another; whatever else
 * stands here is this project's own reading, and says so.
 */
import type { FigureId } from '../../../machines/index.js';

export interface Requirement {
  readonly id: RequirementId;
  /** What a right client does. */
  readonly sentence: string;
  /** The documented figures that show it; none where it is this project's own reading. */
  readonly figures: readonly FigureId[];
  /** What the figures show, or why it is read so. */
  readonly basis: string;
}

const table = [
  {
    id: 'registers-first',
    sentence: 'The first thing it says is RequestRegisterClient.',
    figures: ['1', '2b'],
    basis: 'Figure 1 begins so; figure 2b shows that whoever says anything else first is refused.',
  },
  {
    id: 'registers-in-time',
    sentence: 'It says RequestRegisterClient before the registration deadline.',
    figures: [],
    basis: 'No figure has a deadline for a client that is silent; this project’s gate does.',
  },
  {
    id: 'request-is-valid',
    sentence: 'Its RequestRegisterClient has every attribute it needs, each of the right kind.',
    figures: [],
    basis:
      'The names are those of the public SDK; what is required and what is allowed is read so.',
  },
  {
    id: 'frames-are-messages',
    sentence: 'Every frame that it sends is a message.',
    figures: [],
    basis: 'The framing is this project’s own; the documented one is not public.',
  },
  {
    id: 'asks-once',
    sentence: 'It does not ask a second time while it waits for its answer.',
    figures: [],
    basis: 'Every figure answers a request before the next is drawn.',
  },
  {
    id: 'silent-until-answered',
    sentence: 'It says nothing else between RequestRegisterClient and the answer.',
    figures: ['1', '2b'],
    basis: 'Figure 1 draws nothing between; figure 2b shows that it would be refused.',
  },
  {
    id: 'foreign-answer',
    sentence: 'An answer with somebody else’s reference id neither registers nor refuses it.',
    figures: [],
    basis:
      'That answers carry the reference id of the request is inferred; the page does not say it.',
  },
  {
    id: 'garbage-registers-nobody',
    sentence: 'After a frame that is no message it does not act as if it were registered.',
    figures: [],
    basis: 'The page knows of no such frame; only EventAck registers.',
  },
  {
    id: 'refused-is-not-registered',
    sentence: 'After EventError it leaves, asks again or is silent.',
    figures: ['2c'],
    basis:
      'Figure 2c shows that whatever else it says is refused again. That it may ask again is read so.',
  },
  {
    id: 'stays-registered',
    sentence: 'After EventAck it stays connected.',
    figures: [],
    basis: 'Figure 1 draws no disconnect; how long a client stays is its own affair.',
  },
  {
    id: 'registers-once',
    sentence: 'After EventAck it does not register again.',
    figures: [],
    basis: 'Figure 1 draws one request. What a second one does is not said.',
  },
  {
    id: 'gives-up-in-time',
    sentence: 'Without an answer it leaves when its reply timeout is over.',
    figures: [],
    basis: 'Judged where the reply timeout of the client is told.',
  },
  {
    id: 'returns-slowly',
    sentence: 'Dropped again and again, it does not come back faster than allowed.',
    figures: [],
    basis: 'The SDK waits between attempts; how often is too often is the tester’s choice.',
  },
] as const;

export type RequirementId = (typeof table)[number]['id'];

/**
 * Every requirement. Only what the wire shows is judged: a client that says nothing after its EventAck, or after somebody else's,
 * cannot be told from one that has overlooked it.
 */
export const clientRequirements: readonly Requirement[] = table;

/** Those that any connection puts to the test. */
export const always: readonly RequirementId[] = [
  'registers-first',
  'registers-in-time',
  'request-is-valid',
  'frames-are-messages',
];
