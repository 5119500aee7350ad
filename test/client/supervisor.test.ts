import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createActor, SimulatedClock } from 'xstate';
import { edgesOf, stateNodesOf } from '../../machines/engine/table/edges.js';
import {
  backOffDelay,
  longestRetryAfter,
  roundOf,
  type SupervisorInput,
  supervisorMachine,
  supervisorStates,
} from '../../machines/registration/chart/supervisor.js';

/** A supervisor in a simulated clock, with what it asked its adapter to do. */
function supervised(input: Partial<SupervisorInput> = {}) {
  const clock = new SimulatedClock();
  const did: string[] = [];
  const actor = createActor(
    supervisorMachine.provide({
      actions: {
        open: ({ context }) => {
          did.push(`open ${context.endpoints[context.endpoint]} attempt ${context.attempt}`);
          expect(context.registration?.getSnapshot().value).toBe('connecting');
        },
        close: () => did.push('close'),
      },
    }),
    {
      clock,
      input: {
        endpoints: ['a', 'b', 'c'],
        reconnect: true,
        initialDelay: 100,
        maxDelay: 1_000,
        spread: 0,
        maxAttempts: Number.POSITIVE_INFINITY,
        retryRefused: false,
        random: () => 0.5,
        ...input,
      },
    },
  );
  actor.start();
  return {
    actor,
    clock,
    did,
    state: () => actor.getSnapshot().value,
    context: () => actor.getSnapshot().context,
    children: () => Object.keys(actor.getSnapshot().children),
    fail: (error = new Error('refused'), retryAfter: number | null = null) =>
      actor.send({ type: 'Failed', error, retryAfter }),
    /** Lets the wait pass that is under way. */
    wait: () => clock.increment(actor.getSnapshot().context.delay),
  };
}

const refusal = new Error('client is not valid');

describe('a server that asks to be left alone', () => {
  it.each([
    [null, 50],
    [0, 50],
    [5_000, 5_050],
    [9_000_000, longestRetryAfter + 50],
    [Number.POSITIVE_INFINITY, longestRetryAfter + 50],
  ])('for %s milliseconds is, at most ten minutes, on top of what was drawn', (asked, delay) => {
    const { actor, fail, context } = supervised({ endpoints: ['a'] });
    actor.send({ type: 'Start' });
    fail(refusal, asked);
    expect(context().delay).toBe(delay);
  });

  it('is, while its standby is tried at once', () => {
    const { actor, fail, context } = supervised();
    actor.send({ type: 'Start' });
    fail(refusal, 5_000);
    expect(context()).toMatchObject({ delay: 50, endpoint: 1 });
  });
});

describe('the supervisor', () => {
  it('has five flat states, the last one final, and says of each state and transition what it is', () => {
    expect(Object.keys(supervisorMachine.states)).toEqual([...supervisorStates]);
    for (const node of stateNodesOf(supervisorMachine.root))
      expect(node.description, node.id).toBeTruthy();
    const edges = edgesOf(supervisorMachine);
    expect(edges.length).toBeGreaterThan(9);
    for (const edge of edges) expect(edge.description, edge.id).toBeTruthy();
    expect(supervisorMachine.states.stopped?.type).toBe('final');
  });

  it('does nothing until it is started, then opens the first endpoint without waiting', () => {
    const { actor, state, did, children } = supervised();
    expect([state(), did, children()]).toEqual(['offline', [], []]);
    actor.send({ type: 'Start' });
    expect([state(), did]).toEqual(['connecting', ['open a attempt 1']]);
  });

  it('runs one registration chart from the attempt on, keeps it while online, and stops it before it waits', () => {
    const { actor, context, children, wait } = supervised();
    actor.send({ type: 'Start' });
    expect(children()).toEqual(['registration']);
    const first = context().registration;
    expect(first?.getSnapshot()).toMatchObject({ value: 'connecting', status: 'active' });
    actor.send({ type: 'Registered' });
    expect(context().registration).toBe(first);
    actor.send({ type: 'Lost', error: new Error('gone') });
    expect([children(), context().registration]).toEqual([[], null]);
    expect(first?.getSnapshot().status).toBe('stopped');
    wait();
    expect(children()).toEqual(['registration']);
    expect(context().registration).not.toBe(first);
    actor.send({ type: 'Stop' });
    expect(context().registration?.getSnapshot().status).toBe('stopped');
  });

  it('T44: tries the endpoints in turn, and longer apart with each pass of the list', () => {
    const { actor, did, context, fail, wait } = supervised();
    const waits: number[] = [];
    actor.send({ type: 'Start' });
    for (let attempt = 1; attempt <= 7; attempt += 1) {
      fail();
      waits.push(context().delay);
      wait();
    }
    expect(did.map((line) => line.replace(/^open (.) attempt/, '$1'))).toEqual([
      'a 1',
      'b 2',
      'c 3',
      'a 4',
      'b 5',
      'c 6',
      'a 7',
      'b 8',
    ]);
    expect(waits).toEqual([50, 50, 50, 100, 100, 100, 200]);
  });

  it('waits for the whole delay and not a millisecond less', () => {
    const { actor, state, clock, fail } = supervised();
    actor.send({ type: 'Start' });
    fail();
    clock.increment(49);
    expect(state()).toBe('waiting');
    clock.increment(1);
    expect(state()).toBe('connecting');
  });

  it('comes back to the endpoint that registered it, from round 0, still with jitter', () => {
    const { actor, did, context, fail, wait } = supervised();
    actor.send({ type: 'Start' });
    for (let failures = 0; failures < 4; failures += 1) {
      fail();
      wait();
    }
    actor.send({ type: 'Registered' });
    expect(context()).toMatchObject({ attempt: 0, endpoint: 1, error: null });
    actor.send({ type: 'Lost', error: new Error('gone') });
    expect(context()).toMatchObject({ delay: 50, endpoint: 1 });
    wait();
    expect(did.at(-1)).toBe('open b attempt 1');
    fail();
    expect(context()).toMatchObject({ delay: 50, endpoint: 2 });
  });

  it('stops with the refusal when the server refuses, and closes', () => {
    const { actor, did } = supervised();
    actor.send({ type: 'Start' });
    actor.send({ type: 'Refused', error: refusal, transient: false });
    expect(actor.getSnapshot()).toMatchObject({
      value: 'stopped',
      status: 'done',
      output: { error: refusal },
    });
    expect(did.at(-1)).toBe('close');
  });

  it.each([
    ['the refusal passes', {}, true],
    ['the caller wants to ask again', { retryRefused: true }, false],
  ])('closes and goes on, once the connection is gone, when %s', (_, input, transient) => {
    const { actor, did, state, context, fail } = supervised(input);
    actor.send({ type: 'Start' });
    actor.send({ type: 'Refused', error: refusal, transient });
    expect([state(), did.at(-1)]).toEqual(['connecting', 'close']);
    fail(refusal);
    expect(state()).toBe('waiting');
    expect(context()).toMatchObject({ error: refusal, endpoint: 1 });
  });

  it('stops with the last error after maxAttempts in a row, and counts from 0 after a registration', () => {
    const { actor, state, fail, wait } = supervised({ maxAttempts: 2 });
    actor.send({ type: 'Start' });
    fail();
    wait();
    actor.send({ type: 'Registered' });
    actor.send({ type: 'Lost', error: new Error('gone') });
    wait();
    fail();
    expect(state()).toBe('waiting');
    wait();
    const last = new Error('the last');
    fail(last);
    expect(actor.getSnapshot()).toMatchObject({ value: 'stopped', output: { error: last } });
  });

  it('without reconnect tries each endpoint once and stops', () => {
    const { actor, did, state, fail, wait } = supervised({ reconnect: false, maxAttempts: 99 });
    actor.send({ type: 'Start' });
    fail();
    wait();
    fail();
    wait();
    fail();
    expect([state(), did.length]).toEqual(['stopped', 3]);
  });

  it('without reconnect stops when the registered connection is lost', () => {
    const { actor } = supervised({ reconnect: false });
    const lost = new Error('gone');
    actor.send({ type: 'Start' });
    actor.send({ type: 'Registered' });
    actor.send({ type: 'Lost', error: lost });
    expect(actor.getSnapshot()).toMatchObject({ value: 'stopped', output: { error: lost } });
  });

  it.each(['offline', 'connecting', 'online', 'waiting'])(
    'stops from %s, without an error',
    (from) => {
      const { actor, clock, did, state, fail } = supervised();
      if (from !== 'offline') actor.send({ type: 'Start' });
      if (from === 'online') actor.send({ type: 'Registered' });
      if (from === 'waiting') fail();
      expect(state()).toBe(from);
      const opened = did.length;
      actor.send({ type: 'Stop' });
      expect(actor.getSnapshot()).toMatchObject({ status: 'done', output: { error: null } });
      clock.increment(1_000_000);
      expect(did.slice(opened)).toEqual(['close']);
    },
  );

  it('T35: has never more than one connection, whatever happens in whatever order', () => {
    const event = fc.oneof(
      fc.constantFrom('Registered', 'Refused', 'transient', 'Gone', 'Stop'),
      fc.integer({ min: 0, max: 2_000 }),
    );
    void fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        const { actor, clock, did, state } = supervised();
        actor.send({ type: 'Start' });
        let opened = 1;
        for (const next of events) {
          const before = state();
          if (before === 'stopped') break;
          if (typeof next === 'number') clock.increment(next);
          else if (next === 'Gone')
            actor.send({ type: before === 'online' ? 'Lost' : 'Failed', error: refusal });
          else if (next === 'Refused' || next === 'transient')
            actor.send({ type: 'Refused', error: refusal, transient: next === 'transient' });
          else actor.send({ type: next as 'Registered' | 'Stop' });
          const now = did.filter((line) => line.startsWith('open')).length;
          if (now > opened) expect([before, now]).toEqual(['waiting', opened + 1]);
          opened = now;
        }
      }),
    );
  });
});

/** A back-off, with what most tests do not look at. */
const backOff = (terms: Partial<Parameters<typeof backOffDelay>[0]>) =>
  backOffDelay({
    initialDelay: 100,
    maxDelay: 60_000,
    spread: 0,
    random: () => 0.5,
    attempt: 1,
    endpoints: 1,
    wasRegistered: false,
    ...terms,
  });

describe('the back-off', () => {
  it('is drawn from 0 up to a ceiling that doubles with each pass of the endpoints until maxDelay', () => {
    void fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 5_000 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 0, max: 5_000 }),
        fc.integer({ min: 0, max: 60_000 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (attempt, endpoints, initialDelay, maxDelay, drawn) => {
          const random = () => drawn;
          const delay = backOff({ attempt, endpoints, initialDelay, maxDelay, random });
          const passes = Math.max(0, Math.floor((attempt - 1) / endpoints));
          const ceiling = initialDelay === 0 ? 0 : Math.min(maxDelay, initialDelay * 2 ** passes);
          expect(delay).toBe(drawn * ceiling);
        },
      ),
    );
  });

  it('of a client that was registered starts from spread, and doubles from there', () => {
    const ceilings = (wasRegistered: boolean) =>
      [0, 1, 2, 3].map((attempt) => 2 * backOff({ spread: 10_000, wasRegistered, attempt }));
    expect(ceilings(true)).toEqual([10_000, 20_000, 40_000, 60_000]);
    expect(ceilings(false)).toEqual([100, 100, 200, 400]);
  });

  it('keeps the next endpoint of a pass near: only the first wait of a pass is spread', () => {
    const ceilings = [0, 1, 2, 3, 4, 5, 6].map(
      (attempt) => 2 * backOff({ spread: 10_000, wasRegistered: true, attempt, endpoints: 3 }),
    );
    expect(ceilings).toEqual([10_000, 100, 100, 20_000, 200, 200, 40_000]);
  });

  it('takes the longer of spread and initialDelay', () => {
    const delay = backOff({ attempt: 0, wasRegistered: true, initialDelay: 8_000, spread: 2_000 });
    expect(delay).toBe(4_000);
  });

  it('takes no harm from a random source that gives nonsense', () => {
    for (const [drawn, delay] of [
      [Number.NaN, 0],
      [-1, 0],
      [7, 100],
    ] as const)
      expect(backOff({ random: () => drawn })).toBe(delay);
  });

  it('counts a round as a pass of the list', () => {
    expect([0, 1, 2, 3, 4, 5].map((attempt) => roundOf(attempt, 2))).toEqual([0, 0, 0, 1, 1, 2]);
    expect([0, 1, 2, 3].map((attempt) => roundOf(attempt, 1))).toEqual([0, 0, 1, 2]);
  });
});
