/** What the played server does on each connection, as data. `requirements.ts` has the requirements for clients. */
import type { Framing } from '../../net/wire/index.js';
import type { RequirementId } from './requirements.js';

/** What the played server sends. A `foreign` answer carries a reference id that the client never used. */
export type ServerFrame =
  | 'ack'
  | 'foreign-ack'
  | 'error'
  | 'busy'
  | 'foreign-error'
  | 'other-event'
  | 'invalid-frame';

/** One action of the played server. */
export type Act =
  /** Waits for RequestRegisterClient. As documented, it answers any other message with EventError. */
  | { readonly act: 'await-request' }
  | { readonly act: 'send'; readonly what: readonly ServerFrame[]; readonly how?: 'byte-by-byte' }
  /** Waits for `pause`, `late` or `settle` of the options. It answers the messages of a registered client with EventAck. */
  | { readonly act: 'wait'; readonly time: 'pause' | 'late' | 'settle' }
  /** Sends nothing until the client disconnects or the registration deadline expires. */
  | { readonly act: 'stay-silent' }
  /** Answers everything with EventError until the client disconnects or the rejection deadline expires. */
  | { readonly act: 'refuse' }
  /** Closes the connection. */
  | { readonly act: 'drop' }
  | { readonly act: 'reset' }
  /** Drops each connection within the next second too, and counts them. */
  | { readonly act: 'count-reconnects' };

export interface ClientPath {
  readonly id: ClientPathId;
  readonly title: string;
  /** What the played server does, in one sentence. */
  readonly server: string;
  /** What a correct client does, in one sentence. */
  readonly client: string;
  readonly acts: readonly Act[];
  /** The requirements that it tests, in addition to those of every connection. */
  readonly tests: readonly RequirementId[];
  /** Only for transports with this framing. @default any */
  readonly framing?: Framing;
}

const awaitRequest: Act = { act: 'await-request' };
const drop: Act = { act: 'drop' };
const pause: Act = { act: 'wait', time: 'pause' };
const settle: Act = { act: 'wait', time: 'settle' };
const send = (...what: ServerFrame[]): Act => ({ act: 'send', what });
/** The client stays registered for a while. The drop makes it reconnect for the next path. */
const stayRegistered = [settle, drop];

const staysConnected = 'It registers, and stays connected.';
const reconnects = 'It disconnects, and may reconnect after a while.';
const afterAck = ['stays-registered', 'registers-once'] as const;
const beforeAnswer = ['silent-until-answered', 'asks-once'] as const;

const table = [
  {
    id: 'ack',
    title: 'acknowledges at once',
    server: 'It answers RequestRegisterClient with EventAck at once.',
    client: staysConnected,
    acts: [awaitRequest, send('ack'), ...stayRegistered],
    tests: afterAck,
  },
  {
    id: 'silence',
    title: 'sends nothing',
    server: 'It sends nothing until the registration deadline, and disconnects.',
    client: 'It sends nothing either, until it gives up or the server disconnects.',
    acts: [awaitRequest, { act: 'stay-silent' }],
    tests: [...beforeAnswer, 'gives-up-in-time'],
  },
  {
    id: 'message',
    title: 'acknowledges, and sends a message',
    server:
      'It answers with EventAck, sends a message without a request, and answers every request.',
    client: staysConnected,
    acts: [awaitRequest, send('ack'), pause, send('other-event'), ...stayRegistered],
    tests: afterAck,
  },
  {
    id: 'drop',
    title: 'closes instead of answering',
    server: 'It closes the connection while the client waits for the answer.',
    client: reconnects,
    acts: [awaitRequest, pause, drop],
    tests: beforeAnswer,
  },
  {
    id: 'late',
    title: 'answers late',
    server: 'It answers with EventAck after almost as long as a client waits.',
    client: 'It sends nothing while it waits; it stays connected, unless it gave up earlier.',
    acts: [awaitRequest, { act: 'wait', time: 'late' }, send('ack'), ...stayRegistered],
    tests: beforeAnswer,
  },
  {
    id: 'reset',
    title: 'resets instead of answering',
    server: 'It resets the connection while the client waits for the answer.',
    client: reconnects,
    acts: [awaitRequest, pause, { act: 'reset' }],
    tests: beforeAnswer,
  },
  {
    id: 'foreign-ack',
    title: 'acknowledges with a wrong reference id, then with the right one',
    server: 'It sends an EventAck with an unrelated reference id, and after a pause the right one.',
    client: 'It waits on after the first, or disconnects; with the second it is registered.',
    acts: [awaitRequest, pause, send('foreign-ack'), pause, send('ack'), ...stayRegistered],
    tests: ['foreign-answer', ...beforeAnswer],
  },
  {
    id: 'garbage',
    title: 'sends an invalid frame',
    server: 'It answers with an invalid frame.',
    client: 'It disconnects, or waits on; it is not registered.',
    acts: [awaitRequest, pause, send('invalid-frame'), settle, drop],
    tests: ['garbage-does-not-register'],
  },
  {
    id: 'twice',
    title: 'answers twice',
    server: 'It sends the same EventAck twice.',
    client: staysConnected,
    acts: [awaitRequest, send('ack'), send('ack'), ...stayRegistered],
    tests: afterAck,
  },
  {
    id: 'error-drop',
    title: 'refuses and closes at once',
    server: 'It answers with EventError (server-busy) and closes at once.',
    client: reconnects,
    acts: [awaitRequest, pause, send('busy'), drop],
    tests: beforeAnswer,
  },
  {
    id: 'bytes',
    title: 'acknowledges byte by byte',
    server: 'It sends its EventAck in single bytes.',
    client: staysConnected,
    acts: [awaitRequest, { act: 'send', what: ['ack'], how: 'byte-by-byte' }, ...stayRegistered],
    tests: afterAck,
    framing: 'stream',
  },
  {
    id: 'storm',
    title: 'drops each connection',
    server: 'For a second it drops each connection.',
    client: 'It reconnects a few times at most.',
    acts: [awaitRequest, drop, { act: 'count-reconnects' }],
    tests: ['reconnects-slowly'],
  },
  {
    id: 'joined',
    title: 'sends EventAck and a message in one segment',
    server: 'It sends EventAck and an unsolicited message in one write.',
    client: staysConnected,
    acts: [awaitRequest, send('ack', 'other-event'), ...stayRegistered],
    tests: afterAck,
  },
  {
    id: 'event-first',
    title: 'sends another message before the answer',
    server: 'It sends another message, and after a pause EventAck.',
    client: 'It waits on after the first; with the second it is registered.',
    acts: [awaitRequest, pause, send('other-event'), pause, send('ack'), ...stayRegistered],
    tests: beforeAnswer,
  },
  {
    id: 'foreign-error',
    title: 'refuses with a wrong reference id',
    server: 'It sends an EventError with an unrelated reference id, and after a pause EventAck.',
    client: 'It waits on after the first, or disconnects; with the second it is registered.',
    acts: [awaitRequest, pause, send('foreign-error'), pause, send('ack'), ...stayRegistered],
    tests: ['foreign-answer', ...beforeAnswer],
  },
  {
    id: 'stray-ack',
    title: 'sends EventAck before any request',
    server: 'It sends an EventAck that answers no request as soon as the client connects.',
    client: 'It registers as usual, or disconnects.',
    acts: [send('foreign-ack'), awaitRequest, pause, send('ack'), ...stayRegistered],
    tests: ['foreign-answer'],
  },
  // The last path: a refused client may never reconnect.
  {
    id: 'error',
    title: 'refuses, and keeps the connection open',
    server: 'It answers with EventError until the rejection deadline, and disconnects.',
    client: 'It disconnects, registers again, or sends nothing more.',
    acts: [awaitRequest, pause, send('error'), { act: 'refuse' }],
    tests: ['refused-is-not-registered', ...beforeAnswer],
  },
] as const satisfies readonly (Omit<ClientPath, 'id'> & { readonly id: string })[];

export type ClientPathId = (typeof table)[number]['id'];

/** Every path, in the order of play. A path that delays the client is followed by one that registers it, so that its waits stay short. */
export const clientPaths: readonly ClientPath[] = table;
