import { describe, expect, test } from 'vitest';
import { createActor, SimulatedClock } from 'xstate';
import {
  duration,
  eventAck,
  eventError,
  eventSaid,
  type Lifeline,
  Observer,
  Session,
  type SessionSummary,
  type SessionVerdict,
  type StepRecord,
  seated,
  simulatedTime,
  summarize,
  verdictSentence,
  verdicts,
} from '../../../machines/index.js';

type Said = Parameters<typeof eventSaid>[1];

const delays = { registrationTimeout: 10_000, rejectionTimeout: 5_000 };
const asks: Said = {
  messageName: 'RequestRegisterClient',
  referenceId: 1,
  clientName: 'desk-1',
  clientType: 'AgentApplication',
  mediaType: 'chat',
  proxyClientId: 7,
};
const speaks: Said = { messageName: 'RequestAgentLogin', referenceId: 2 };
const invalid = eventError(1, 2, 'client is not valid: unknown name');
const notRegistered = eventError(2, 1, 'client is not registered');

/** A session that really runs, on a simulated clock, with its summary after every step. */
class Told {
  readonly clock = new SimulatedClock();
  readonly steps: StepRecord[] = [];
  readonly #session: Session;
  summary: SessionSummary | null = null;

  constructor(seat: 'server' | 'client' = 'server') {
    const actor = createActor(seated({ delays, actions: {} }), { clock: this.clock });
    this.#session = new Session(actor, {
      session: 's-1',
      seat,
      delays,
      time: simulatedTime(this.clock),
      onStep: (step) => {
        this.steps.push(step);
        this.summary = summarize(this.summary, step);
      },
    });
    actor.start();
  }

  connects(): this {
    this.#session.send({ type: 'Connected' });
    return this;
  }

  says(from: Lifeline, message: Said): this {
    this.#session.send(eventSaid(from, message));
    return this;
  }

  /** A hundred milliseconds later. */
  client(message: Said): this {
    return this.waits(100).says('Client', message);
  }

  server(message: Said): this {
    return this.waits(100).says('Interaction Server', message);
  }

  waits(milliseconds: number): this {
    this.clock.increment(milliseconds);
    return this;
  }

  ends(reason: Parameters<typeof disconnected>[0]): this {
    this.#session.send(disconnected(reason));
    return this;
  }

  get verdict(): SessionVerdict | undefined {
    return this.summary?.verdict;
  }

  get sentence(): string {
    return this.summary ? verdictSentence(this.summary) : '';
  }
}

function disconnected(reason: Exclude<SessionSummary['reason'], null>) {
  return { type: 'Disconnected', reason } as const;
}

const connected = (seat?: 'server' | 'client') => new Told(seat).connects();

/** One session for each verdict: its events, the figure that shows it, and the sentence. */
const ways: readonly {
  readonly verdict: SessionVerdict;
  readonly when: string;
  readonly figure: SessionSummary['figure'];
  readonly sentence: string;
  run(): Told;
}[] = [
  {
    verdict: 'open',
    when: 'it has said nothing yet',
    figure: null,
    run: () => connected().waits(9_000),
    sentence: 'waiting to register.',
  },
  {
    verdict: 'open',
    when: 'it waits for its first answer',
    figure: null,
    run: () => connected().client(asks),
    sentence: 'waiting to register.',
  },
  {
    verdict: 'registered',
    when: 'it was let in',
    figure: '1',
    run: () => connected().client(asks).server(eventAck(1)),
    sentence: 'registered after 200 ms.',
  },
  {
    verdict: 'registered',
    when: 'it was let in, and left later',
    figure: '1',
    run: () =>
      connected().client(asks).server(eventAck(1)).client(speaks).waits(65_000).ends('peer-closed'),
    sentence: 'registered after 200 ms; ended after 1 min 5 s: the client closed the connection.',
  },
  {
    verdict: 'registered',
    when: 'it was refused first, which no figure shows',
    figure: null,
    run: () => connected().client(asks).server(invalid).client(asks).server(eventAck(1)),
    sentence: 'registered after 400 ms.',
  },
  {
    verdict: 'registered',
    when: 'a service refuses one of its later requests',
    figure: '1',
    run: () =>
      connected()
        .client(asks)
        .server(eventAck(1))
        .client(speaks)
        .server(eventError(2, 99, 'no')),
    sentence: 'registered after 200 ms.',
  },
  {
    verdict: 'refused',
    when: 'it was found not valid, and the timeout expired',
    figure: '2a',
    run: () => connected().client(asks).server(invalid).waits(5_000),
    sentence:
      'refused (2a); the server reported: client is not valid: unknown name (error 2); ended after 5.2 s: the client was refused and did not register before the rejection deadline.',
  },
  {
    verdict: 'refused',
    when: 'it asks again and again',
    figure: '2a',
    run: () => connected().client(asks).server(invalid).client(asks).server(invalid),
    sentence: 'refused (2a); the server reported: client is not valid: unknown name (error 2).',
  },
  {
    verdict: 'spoke-first',
    when: 'it said something else, and the timeout expired',
    figure: '2b',
    run: () => connected().client(speaks).server(notRegistered).waits(5_000),
    sentence:
      'sent a message before registering (2b); the server reported: client is not registered (error 1); ended after 5.2 s: the client was refused and did not register before the rejection deadline.',
  },
  {
    verdict: 'spoke-first',
    when: 'the server never answers that',
    figure: '2b',
    run: () => connected().client(speaks).waits(9_900),
    sentence:
      'sent a message before registering (2b); ended after 10.0 s: the client did not register before the registration deadline.',
  },
  {
    verdict: 'refused-then-spoke',
    when: 'it did both',
    figure: '2c',
    run: () => connected().client(asks).server(invalid).client(speaks).server(notRegistered),
    sentence:
      'refused, then sent a message (2c); the server reported: client is not registered (error 1).',
  },
  {
    verdict: 'spoke-then-refused',
    when: 'it did both the other way round, which no figure shows',
    figure: null,
    run: () => connected().client(speaks).server(notRegistered).client(asks).server(invalid),
    sentence:
      'sent a message before registering, then refused; the server reported: client is not valid: unknown name (error 2).',
  },
  {
    verdict: 'silent',
    when: 'it says nothing until the deadline',
    figure: null,
    run: () => connected().waits(10_000),
    sentence:
      'never registered (timed out); ended after 10.0 s: the client did not register before the registration deadline.',
  },
  {
    verdict: 'silent',
    when: 'the server says something, and it still does not',
    figure: null,
    run: () =>
      connected()
        .server(eventError(null, 6, 'busy'))
        .waits(5_000),
    sentence:
      'never registered (timed out); the server reported: busy (error 6); ended after 5.1 s: the client was refused and did not register before the rejection deadline.',
  },
  {
    verdict: 'left',
    when: 'it disconnects without sending a message',
    figure: null,
    run: () => connected().waits(1_500).ends('peer-closed'),
    sentence: 'closed before asking; ended after 1.5 s: the client closed the connection.',
  },
  {
    verdict: 'left',
    when: 'the server shuts down before it has asked',
    figure: null,
    run: () =>
      connected()
        .server(eventError(null, 7, 'the server is shutting down'))
        .ends('drained'),
    sentence:
      'closed before asking; the server reported: the server is shutting down (error 7); ended after 100 ms: the server shut down.',
  },
  {
    verdict: 'closed-before-answer',
    when: 'it does not wait for its answer',
    figure: null,
    run: () => connected().client(asks).waits(50).ends('peer-closed'),
    sentence: 'closed before the answer; ended after 150 ms: the client closed the connection.',
  },
  {
    verdict: 'never-answered',
    when: 'the deadline comes before the answer',
    figure: null,
    run: () => connected().client(asks).waits(9_900),
    sentence:
      'never answered; ended after 10.0 s: the client did not register before the registration deadline.',
  },
  {
    verdict: 'never-answered',
    when: 'the client gives up waiting',
    figure: null,
    run: () => connected('client').client(asks).waits(5_000).ends('reply-timeout'),
    sentence:
      'never answered; ended after 5.1 s: the server did not answer the registration in time.',
  },
  {
    verdict: 'bad-frame',
    when: 'it sends an invalid frame',
    figure: null,
    run: () =>
      connected()
        .server(eventError(null, 5, 'the frame is not JSON; it must be one JSON object'))
        .ends('protocol-error'),
    sentence:
      'sent invalid data; the server reported: the frame is not JSON; it must be one JSON object (error 5); ended after 100 ms: a frame was invalid.',
  },
  {
    verdict: 'not-connected',
    when: 'the endpoint cannot be reached',
    figure: null,
    run: () => new Told('client').ends('connect-failed'),
    sentence: 'never connected; ended after 0 ms: the endpoint could not be reached.',
  },
];

describe('a verdict', () => {
  test.each(ways)('is $verdict when $when', ({ verdict, figure, sentence, run }) => {
    const told = run();
    expect(told.summary).toMatchObject({ verdict, figure });
    expect(told.sentence).toBe(sentence);
  });

  test('of each kind is reached', () => {
    // Only an observer cannot decide: see the next test, and test/observer.
    const reached = new Set([...ways.map(({ verdict }) => verdict), 'undecided']);
    expect(reached).toEqual(new Set(Object.keys(verdicts)));
  });

  test('is not decidable where it would rest on what is not there, and something is missing', () => {
    const sentences: string[] = [];
    const observer = new Observer({
      onSession: ({ summary }) => sentences.push(verdictSentence(summary)),
    });
    const [a, b] = [{ label: 'a' }, { label: 'b' }];
    const at = (ms: number) => ({ at: ms, place: null });
    for (const peer of [a, b]) observer.take({ ...at(0), type: 'connected', peer });
    observer.take({ ...at(1), type: 'missing', peer: null, reason: 'damaged' });
    observer.take({ ...at(2), type: 'said', by: 'client', peer: b, message: asks });
    observer.take({ ...at(3), type: 'said', by: 'server', peer: b, message: invalid });
    for (const peer of [a, b])
      observer.take({ ...at(9), type: 'disconnected', peer, by: 'client' });
    expect(sentences).toEqual([
      'unclear: the log is incomplete (it is damaged); ended after 9 ms: the client closed the connection.',
      'refused (2a); the server reported: client is not valid: unknown name (error 2); ended after 9 ms: the client closed the connection.',
    ]);
  });

  test('of a client and of the server that it talks to is the same', () => {
    for (const seat of ['server', 'client'] as const) {
      const told = connected(seat)
        .client(asks)
        .server(invalid)
        .client(speaks)
        .server(notRegistered);
      expect(told.verdict).toBe('refused-then-spoke');
      expect(told.summary).toMatchObject({ errors: 2, error: { code: 1 }, clientName: 'desk-1' });
    }
  });

  test('does not fall for a client that says what only a server says', () => {
    const told = connected()
      .client({ messageName: 'EventError', referenceId: 3, errorCode: 9, errorDescription: 'mine' })
      .server(notRegistered);
    expect(told.summary).toMatchObject({ verdict: 'spoke-first', errors: 1 });
    expect(told.sentence).toContain('the server reported: client is not registered (error 1)');
    const named = connected('client').server({ ...asks, clientName: 'not me' });
    expect(named.summary?.clientName).toBeNull();
  });

  test('reports "no text" for an error without text or number', () => {
    const told = connected().client(asks).server({ messageName: 'EventError', referenceId: 1 });
    expect(told.sentence).toBe('refused (2a); the server reported: no text.');
  });
});

describe('a summary', () => {
  test('holds who asked, when it was let in, and the deadline that runs', () => {
    const told = new Told().waits(1_000).connects();
    expect(told.summary).toMatchObject({
      state: 'awaiting/registration',
      clientName: null,
      startedAt: 1_000,
      registeredAfter: null,
      deadline: { kind: 'registration', at: 10_000 },
      reason: null,
      error: null,
      errors: 0,
      steps: 1,
      story: [],
    });
    told.client(asks).server(invalid);
    expect(told.summary).toMatchObject({
      state: 'awaiting/rejection',
      clientName: 'desk-1',
      clientType: 'AgentApplication',
      mediaType: 'chat',
      proxyClientId: 7,
      deadline: { kind: 'rejection', at: 5_200 },
      error: { code: 2, text: 'client is not valid: unknown name' },
      errors: 1,
      story: ['refused'],
    });
    told.client({ ...asks, clientName: 'desk-2', mediaType: undefined }).server(eventAck(1));
    told
      .client({ ...asks, clientName: 'desk-3' })
      .waits(100)
      .ends('peer-closed');
    expect(told.summary).toMatchObject({
      session: 's-1',
      seat: 'server',
      state: 'disconnected',
      clientName: 'desk-2',
      mediaType: null,
      startedAt: 1_000,
      lastAt: 1_600,
      elapsed: 600,
      registeredAfter: 400,
      deadline: null,
      reason: 'peer-closed',
      steps: told.steps.length,
    });
  });

  test('has no deadline that another seat keeps', () => {
    const clock = new SimulatedClock();
    const own = { registrationTimeout: Number.POSITIVE_INFINITY, rejectionTimeout: 1 };
    const actor = createActor(seated({ delays: own, actions: {} }), { clock });
    let summary: SessionSummary | null = null;
    const session = new Session(actor, {
      session: 's-1',
      seat: 'client',
      delays: own,
      time: simulatedTime(clock),
      onStep: (step) => {
        summary = summarize(summary, step);
      },
    });
    actor.start();
    session.send({ type: 'Connected' });
    expect(summary).toMatchObject({ state: 'awaiting/registration', deadline: null });
  });

  test('cuts texts that are too long for a list, and ignores invalid names', () => {
    const told = connected().client({ ...asks, clientName: 'x'.repeat(60_000), clientType: 7 });
    expect(told.summary?.clientName).toBe(`${'x'.repeat(255)}…`);
    expect(told.summary?.clientType).toBeNull();
    told.server(eventError(1, 2, 'y'.repeat(60_000)));
    expect(told.summary?.error?.text).toBe(`${'y'.repeat(500)}…`);
  });
});

test.each([
  [0, '0 ms'],
  [0.4, '0 ms'],
  [999.4, '999 ms'],
  [999.6, '1.0 s'],
  [3_449, '3.4 s'],
  [59_949, '59.9 s'],
  [59_960, '1 min 0 s'],
  [125_000, '2 min 5 s'],
  [3_599_400, '59 min 59 s'],
  [3_599_700, '1.0 h'],
  [11_520_000, '3.2 h'],
])('%d milliseconds are %s', (milliseconds, text) => {
  expect(duration(milliseconds)).toBe(text);
});
