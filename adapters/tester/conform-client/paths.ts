/** What the played server does with a client, one path a connection, as data. What is right and wrong stands in `requirements.ts`. */
import type { Framing } from '../../net/wire/index.js';
import type { RequirementId } from './requirements.js';

/** What the played server says. `foreign` is an answer that carries a reference id which the client never used. */
export type Utterance =
  | 'ack'
  | 'foreign-ack'
  | 'error'
  | 'busy'
  | 'foreign-error'
  | 'other-event'
  | 'no-message';

/** One thing that the played server does. */
export type Act =
  /** Waits for RequestRegisterClient. As documented, any other message is answered with EventError meanwhile. */
  | { readonly act: 'hear' }
  | { readonly act: 'say'; readonly what: readonly Utterance[]; readonly how?: 'byte-by-byte' }
  /** Lets time pass: `pause`, `late` or `settle` of the options. A registered client's messages are answered with EventAck. */
  | { readonly act: 'wait'; readonly time: 'pause' | 'late' | 'settle' }
  /** Says nothing until the client leaves or the registration deadline comes. */
  | { readonly act: 'listen' }
  /** Answers everything with EventError until the client leaves or the rejection deadline comes. */
  | { readonly act: 'refuse' }
  /** Closes the connection. */
  | { readonly act: 'drop' }
  | { readonly act: 'reset' }
  /** Drops whoever comes within the next second too, and counts. */
  | { readonly act: 'count-returns' };

export interface ClientPath {
  readonly id: ClientPathId;
  readonly title: string;
  /** What the played server does, a sentence. */
  readonly server: string;
  /** What a right client does, a sentence. */
  readonly client: string;
  readonly acts: readonly Act[];
  /** The requirements it puts to the test, beside those that every connection does. */
  readonly tests: readonly RequirementId[];
  /** Only where the transport delivers bytes so. @default any */
  readonly framing?: Framing;
}

const hear: Act = { act: 'hear' };
const drop: Act = { act: 'drop' };
const pause: Act = { act: 'wait', time: 'pause' };
const settle: Act = { act: 'wait', time: 'settle' };
const say = (...what: Utterance[]): Act => ({ act: 'say', what });
/** It is left registered for a while, and dropped: the next path needs another connection. */
const stays = [settle, drop];

const goesOn = 'It registers, and stays.';
const comesBack = 'It leaves, and may come back after a while.';
const afterAck = ['stays-registered', 'registers-once'] as const;
const beforeAnswer = ['silent-until-answered', 'asks-once'] as const;

const table = [
  {
    id: 'ack',
    title: 'acknowledges at once',
    server: 'It answers RequestRegisterClient with EventAck as soon as it has it.',
    client: goesOn,
    acts: [hear, say('ack'), ...stays],
    tests: afterAck,
  },
  {
    id: 'silence',
    title: 'says nothing',
    server: 'It says nothing until the registration deadline, and disconnects.',
    client: 'It says nothing either, until it gives up by itself or is disconnected.',
    acts: [hear, { act: 'listen' }],
    tests: [...beforeAnswer, 'gives-up-in-time'],
  },
  {
    id: 'message',
    title: 'acknowledges, and sends a message',
    server: 'It answers with EventAck, sends a message unasked, and answers every request.',
    client: goesOn,
    acts: [hear, say('ack'), pause, say('other-event'), ...stays],
    tests: afterAck,
  },
  {
    id: 'drop',
    title: 'closes instead of answering',
    server: 'It closes the connection while the client waits for its answer.',
    client: comesBack,
    acts: [hear, pause, drop],
    tests: beforeAnswer,
  },
  {
    id: 'late',
    title: 'answers late',
    server: 'It answers with EventAck after a time close to what a client waits.',
    client: 'It says nothing while it waits; it stays, unless it has given up by then.',
    acts: [hear, { act: 'wait', time: 'late' }, say('ack'), ...stays],
    tests: beforeAnswer,
  },
  {
    id: 'reset',
    title: 'resets instead of answering',
    server: 'It resets the connection while the client waits for its answer.',
    client: comesBack,
    acts: [hear, pause, { act: 'reset' }],
    tests: beforeAnswer,
  },
  {
    id: 'foreign-ack',
    title: 'acknowledges with a wrong reference id, then with the right one',
    server: "It sends an EventAck with somebody else's reference id, and after a pause its own.",
    client: 'It goes on waiting after the first, or leaves; with the second it is registered.',
    acts: [hear, pause, say('foreign-ack'), pause, say('ack'), ...stays],
    tests: ['foreign-answer', ...beforeAnswer],
  },
  {
    id: 'garbage',
    title: 'sends what is no message',
    server: 'It answers with a frame that is no message.',
    client: 'It leaves, or waits on; it is not registered.',
    acts: [hear, pause, say('no-message'), settle, drop],
    tests: ['garbage-registers-nobody'],
  },
  {
    id: 'twice',
    title: 'answers twice',
    server: 'It sends the same EventAck twice.',
    client: goesOn,
    acts: [hear, say('ack'), say('ack'), ...stays],
    tests: afterAck,
  },
  {
    id: 'error-drop',
    title: 'refuses and closes at once',
    server: 'It answers with EventError (server-busy) and closes at once.',
    client: comesBack,
    acts: [hear, pause, say('busy'), drop],
    tests: beforeAnswer,
  },
  {
    id: 'bytes',
    title: 'acknowledges byte by byte',
    server: 'It sends its EventAck in single bytes.',
    client: goesOn,
    acts: [hear, { act: 'say', what: ['ack'], how: 'byte-by-byte' }, ...stays],
    tests: afterAck,
    framing: 'stream',
  },
  {
    id: 'storm',
    title: 'drops it again and again',
    server: 'For a second it drops whoever comes.',
    client: 'It comes back a few times at most.',
    acts: [hear, drop, { act: 'count-returns' }],
    tests: ['returns-slowly'],
  },
  {
    id: 'joined',
    title: 'sends EventAck and a message in one segment',
    server: 'It sends EventAck and a message unasked in one piece.',
    client: goesOn,
    acts: [hear, say('ack', 'other-event'), ...stays],
    tests: afterAck,
  },
  {
    id: 'event-first',
    title: 'sends another message before the answer',
    server: 'It sends a message that is no answer, and after a pause EventAck.',
    client: 'It goes on waiting after the first; with the second it is registered.',
    acts: [hear, pause, say('other-event'), pause, say('ack'), ...stays],
    tests: beforeAnswer,
  },
  {
    id: 'foreign-error',
    title: 'refuses with a wrong reference id',
    server: "It sends an EventError with somebody else's reference id, and after a pause EventAck.",
    client: 'It goes on waiting after the first, or leaves; with the second it is registered.',
    acts: [hear, pause, say('foreign-error'), pause, say('ack'), ...stays],
    tests: ['foreign-answer', ...beforeAnswer],
  },
  {
    id: 'stray-ack',
    title: 'sends EventAck before anything was asked',
    server: 'It sends an EventAck that answers nothing as soon as the client is there.',
    client: 'It registers as ever, or leaves.',
    acts: [say('foreign-ack'), hear, pause, say('ack'), ...stays],
    tests: ['foreign-answer'],
  },
  // The last: a client that is refused may stay away for good.
  {
    id: 'error',
    title: 'refuses, and keeps the connection open',
    server: 'It answers with EventError until the rejection deadline, and disconnects.',
    client: 'It leaves, asks again, or says nothing more.',
    acts: [hear, pause, say('error'), { act: 'refuse' }],
    tests: ['refused-is-not-registered', ...beforeAnswer],
  },
] as const satisfies readonly (Omit<ClientPath, 'id'> & { readonly id: string })[];

export type ClientPathId = (typeof table)[number]['id'];

/** Every path, in the order in which they are played. A client registers after each that keeps it away, so that its waits stay short. */
export const clientPaths: readonly ClientPath[] = table;
