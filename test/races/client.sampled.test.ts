/** The client against simulated servers: answers, timeouts, closes and disconnects in every order. */
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type ClientOptions, createClient } from '../../adapters/client/index.js';
import type { WireMessage } from '../../machines/index.js';
import { delay, networks, patience } from './arbitraries.js';
import type { Network } from './controlled-pair.js';
import { anyOrder, holdTheLoop, Interleaving, pendingTimers, settled } from './interleaving.js';
import { Dialing, eventsOf, wholeStory } from './racing.js';
import { isPartial, overInterleavings } from './replay.js';
import { type Departure, departures, ScriptedPeer } from './scripted-peer.js';

holdTheLoop();
afterEach(() => {
  vi.restoreAllMocks();
});

const runs = 200;

/** The possible answers of a server to a request with this reference id. */
const answers = {
  grants: (referenceId: number): WireMessage => ({ messageName: 'EventAck', referenceId }),
  'grants without a number': () => ({ messageName: 'EventAck', referenceId: null }),
  'grants another': (referenceId: number) => ({
    messageName: 'EventAck',
    referenceId: referenceId + 100,
  }),
  refuses: (referenceId: number) => ({
    messageName: 'EventError',
    referenceId,
    errorCode: 1,
    errorDescription: 'no',
  }),
  'says something': () => ({ messageName: 'EventNews' }),
} as const;
type Answer = keyof typeof answers | 'babbles';
const anyAnswer = fc.constantFrom<Answer[]>(
  'grants',
  'grants',
  'grants',
  ...(Object.keys(answers) as Answer[]),
  'babbles',
);

interface Given {
  readonly patience: number;
  readonly network: Network;
  readonly replyTimeout: number;
  readonly connectTimeout: number;
  readonly requestTimeout: number;
  /** To the registration, and to each later request. */
  readonly answers: readonly Answer[];
  readonly requestAnswers: readonly Answer[];
  readonly departure: Departure;
  readonly closes: number | null;
}

const givens: fc.Arbitrary<Given> = fc.record({
  patience,
  network: networks,
  replyTimeout: delay,
  connectTimeout: fc.constantFrom(20, 5_000, 5_000),
  requestTimeout: delay,
  answers: fc.array(anyAnswer, { minLength: 1, maxLength: 3 }),
  requestAnswers: fc.array(anyAnswer, { minLength: 1, maxLength: 3 }),
  departure: fc.constantFrom<Departure[]>('never', 'never', 'never', ...departures),
  closes: fc.option(fc.nat({ max: 40 }), { freq: 2 }),
});

/** One client, one connection, and a server with the given behaviour. */
function stage(interleaving: Interleaving, given: Given, options: Partial<ClientOptions> = {}) {
  const peers: ScriptedPeer[] = [];
  const dialing = new Dialing(interleaving, given.network, (connection) => {
    const peer = new ScriptedPeer(interleaving, connection, ({ messageName, referenceId }) => {
      const isFirst = messageName === 'RequestRegisterClient';
      const script = (isFirst ? given.answers : given.requestAnswers).map((answer) =>
        answer === 'babbles' ? 'not a message' : answers[answer](Number(referenceId)),
      );
      peer.play(script, isFirst ? given.departure : 'never');
    });
    peers.push(peer);
  });
  const client = createClient({
    endpoints: 'tcp://gate.test:7004',
    clientName: 'desk-1',
    clientType: 'AgentApplication',
    replyTimeout: given.replyTimeout,
    connectTimeout: given.connectTimeout,
    requestTimeout: given.requestTimeout,
    reconnect: false,
    ...options,
  });
  const events = eventsOf(client, interleaving);
  return { client, dialing, peers, events };
}

/** Runs it, closes the client at the end if it is still open, and checks the general invariants. */
async function play(order: number, given: Given) {
  const interleaving = new Interleaving(order, given.patience);
  const { client, dialing, events } = stage(interleaving, given);
  const registered: string[] = [];
  client.registered.then(
    ({ ack }) => registered.push(ack.messageName),
    (error: Error) => registered.push(error.name),
  );
  const closed: string[] = [];
  const close = () => void client.close().then(() => closed.push('closed'));
  /** Running timers of the client after it stopped. */
  let timersLeft = 0;
  client.on('stopped', () => {
    timersLeft = interleaving.timers;
  });
  /** Messages that it received after its registration. */
  let received = 0;
  client.on('step', ({ direction, from }) => {
    if (direction === 'in' && from === 'registered') received += 1;
  });
  if (given.closes !== null) interleaving.later('the client closes', close, given.closes);
  /** How each request was settled, by its reference id. */
  const requests: { readonly id: number; readonly outcomes: (WireMessage | Error)[] }[] = [];
  client.on('registered', () => {
    for (const id of [1_000, 1_001]) {
      const outcomes: (WireMessage | Error)[] = [];
      requests.push({ id, outcomes });
      client.request({ messageName: 'RequestStatus', referenceId: id }).then(
        (answer) => outcomes.push(answer),
        (error: Error) => outcomes.push(error),
      );
    }
  });
  /** Requests that were pending when the connection closed. */
  let forgotten = 0;
  client.on('disconnected', () => {
    void settled().then(() => {
      forgotten = requests.filter(({ outcomes }) => outcomes.length === 0).length;
    });
  });
  await interleaving.rest();
  close();
  await interleaving.rest();
  return {
    interleaving,
    dialing,
    events,
    registered,
    closed,
    requests,
    forgotten,
    received,
    timersLeft,
  };
}
type Played = Awaited<ReturnType<typeof play>>;

async function holds(
  check: (played: Played, given: Given) => void,
  expected: readonly string[],
  seen: (played: Played) => readonly string[],
): Promise<void> {
  const all = new Set<string>();
  const property = fc.asyncProperty(anyOrder, givens, async (order, given) => {
    const played = await play(order, given);
    for (const what of seen(played)) all.add(what);
    try {
      check(played, given);
    } catch (error) {
      throw played.interleaving.blame(error);
    }
  });
  await overInterleavings(property, runs);
  if (!isPartial) expect([...all]).toEqual(expect.arrayContaining([...expected]));
}

describe('a client', () => {
  it('is registered by an EventAck to its own request and by nothing else, once', () =>
    holds(
      ({ events, registered }, given) => {
        const times = events.filter((event) => event === 'registered').length;
        expect(times).toBeLessThanOrEqual(1);
        expect(registered).toHaveLength(1);
        expect(registered[0] === 'EventAck').toBe(times === 1);
        const isGranted = given.answers.some((answer) =>
          ['grants', 'grants without a number'].includes(answer),
        );
        if (times === 1) expect(isGranted).toBe(true);
      },
      ['registered', 'disconnected reply-timeout'],
      ({ events }) => events,
    ));

  it('is registered or times out, when the answer meets its timeout', () =>
    holds(
      ({ events }) => {
        if (events.includes('disconnected reply-timeout')) {
          expect(events).not.toContain('registered');
          expect(events).not.toContain('refused');
        }
      },
      ['registered', 'disconnected reply-timeout'],
      ({ events }) => events,
    ));

  it('ends each connection once, and neither receives nor sends anything after it', () =>
    holds(
      ({ events, dialing, closed, timersLeft }) => {
        expect(events.join()).toMatch(wholeStory);
        expect(dialing.pairs.flatMap(({ client }) => client.misuse)).toEqual([]);
        expect(closed.length).toBeGreaterThanOrEqual(1);
        expect(timersLeft).toBe(0);
        expect(pendingTimers()).toBe(0);
      },
      [
        'disconnected client-closed',
        'disconnected peer-closed',
        'disconnected protocol-error',
        'disconnected reply-timeout',
      ],
      ({ events }) => events,
    ));

  it('settles each request once, and with an answer only if it is its own', () =>
    holds(
      ({ requests, forgotten, events, received }, given) => {
        expect(forgotten).toBe(0);
        const answered = requests.filter(({ outcomes: [outcome] }) => {
          return !(outcome instanceof Error) || outcome.name === 'RequestRefusedError';
        });
        // A message that answers no pending request is an event, unless the client was closed before it arrived.
        const others = events.filter((event) => event.startsWith('event')).length;
        if (given.closes === null) expect(received).toBe(answered.length + others);
        for (const { id, outcomes } of requests) {
          expect(outcomes).toHaveLength(1);
          const [outcome] = outcomes;
          if (!(outcome instanceof Error)) expect(outcome?.referenceId).toBe(id);
        }
      },
      ['EventAck', 'ReplyTimeoutError'],
      ({ requests }) =>
        requests.flatMap(({ outcomes }) =>
          outcomes.map((one) => (one instanceof Error ? one.name : one.messageName)),
        ),
    ));
});
