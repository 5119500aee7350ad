/** A client and a gate on one connection, in every order that sockets, validations and clocks allow. */
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Course, course, type Deed, deeds, type Given, givens } from './course.js';
import { anyOrder, holdTheLoop } from './interleaving.js';
import { leftOvers, nothingLeft, wholeLife, wholeStory } from './racing.js';
import { isPartial, overInterleavings } from './replay.js';

holdTheLoop();
afterEach(() => {
  vi.restoreAllMocks();
});

const runs = 100;

/** Checks the invariants after each run. `seen` returns the events of a run; each of `expected` must occur in at least one. */
async function holds(
  given: fc.Arbitrary<Given>,
  check: (run: Course, given: Given) => void,
  expected: readonly string[] = [],
  seen: (run: Course) => readonly string[] = () => [],
): Promise<void> {
  const all = new Map<string, number>();
  const property = fc.asyncProperty(anyOrder, given, async (order, one) => {
    const run = await course(order, one);
    for (const what of new Set(seen(run))) all.set(what, (all.get(what) ?? 0) + 1);
    try {
      check(run, one);
    } catch (error) {
      throw run.interleaving.blame(error);
    }
  });
  await overInterleavings(property, runs);
  if (!isPartial) expect([...all.keys()]).toEqual(expect.arrayContaining([...expected]));
}

const all = givens(deeds);
/** The runs in which both sides learn of the end. */
const noticed = givens(deeds.filter((deed) => deed !== 'the cable is pulled'));

const clientEnds = ({ events }: Course) =>
  events.filter((event) => event.startsWith('disconnected')).map((event) => `client ${event}`);
const gateEnds = ({ gate }: Course) => gate.lives.map(({ reason }) => `gate ${reason}`);
const ends = (run: Course) => [...clientEnds(run), ...gateEnds(run)];

describe('a client and a gate', () => {
  it('agree: a client that considers itself registered was registered before', () =>
    holds(
      all,
      ({ agreements }) => expect(agreements).toEqual(agreements.map(() => true)),
      ['client disconnected reply-timeout', 'registered'],
      (run) => [...ends(run), ...run.events],
    ));

  it('agree at rest: both hold the registration or neither does, unless the cable was pulled', () =>
    holds(
      noticed,
      ({ atRest }) => expect(atRest.registered).toBe(atRest.client === 'online' ? 1 : 0),
      ['0', '1'],
      ({ atRest }) => [String(atRest.registered)],
    ));

  it('end each session exactly once on each side, with one reason and nothing after it', () =>
    holds(
      all,
      ({ gate, events, dialing, afterwards }) => {
        for (const life of gate.lives) expect(life.events.join()).toMatch(wholeLife);
        expect(events.join()).toMatch(wholeStory);
        expect(afterwards.join()).toMatch(/^(disconnected [a-z-]+,)?(stopped)?$/);
        expect(dialing.misuse).toEqual([]);
      },
      [
        'gate registration-timeout',
        'gate peer-closed',
        'gate drained',
        'client disconnected reply-timeout',
        'client disconnected peer-closed',
        'client disconnected client-closed',
        'client disconnected connect-failed',
      ],
      ends,
    ));

  it('have one outcome when the answer meets the deadline: EventAck or the disconnect', () =>
    holds(
      all,
      ({ gate, dialing }) => {
        for (const { client, gate: connection } of dialing.pairs) {
          const asked = client.written.find((one) => one.includes('RequestRegisterClient'));
          const id = asked && JSON.parse(asked).referenceId;
          const acks = connection.written
            .map((one) => JSON.parse(one))
            .filter((one) => one.messageName === 'EventAck' && one.referenceId === id);
          const life = gate.lifeOn(connection);
          const isRegistered = life?.events.includes('registered') ?? false;
          expect(acks.length).toBe(isRegistered ? 1 : 0);
          if (life?.reason?.endsWith('-timeout')) expect(isRegistered).toBe(false);
        }
      },
      ['gate registration-timeout', 'gate peer-closed'],
      ends,
    ));

  it('settle every promise once: registered, each request, each close', () =>
    holds(
      all,
      ({ settled, requests, closes }) => {
        expect(settled.registered.length).toBe(1);
        expect(settled.request.length).toBe(requests);
        expect(settled.closed).toEqual(Array.from({ length: closes }, () => 'resolved'));
      },
      ['registered resolved', 'registered ClientClosedError', 'request resolved'],
      ({ settled }) => [
        ...settled.registered.map((outcome) => `registered ${outcome}`),
        ...settled.request.map((outcome) => `request ${outcome}`),
      ],
    ));

  it.each<readonly [Deed, Deed]>([
    ['the client closes', 'the gate disconnects'],
    ['the client closes', 'the gate closes'],
    ['the connection breaks', 'the gate disconnects'],
    ['the connection breaks', 'the client closes'],
  ])('end once when two ends coincide: %s, %s', (one, other) =>
    holds(givens([one, other], true), ({ gate, events, dialing, settled }) => {
      for (const life of gate.lives) expect(life.events.join()).toMatch(wholeLife);
      expect(events.join()).toMatch(wholeStory);
      expect(dialing.misuse).toEqual([]);
      expect(settled.registered.length).toBe(1);
      expect(leftOvers(gate)).toEqual(nothingLeft);
    }),
  );

  it('register no client once the gate is closing, and reject it once', () =>
    holds(givens(['the gate drains'], true), ({ gate, dialing, interleaving }) => {
      const { trace } = interleaving;
      const closing = trace.findIndex((one) => one.startsWith('the gate is closed'));
      const after = trace.slice(closing).join('\n');
      expect(after).not.toMatch(/gate: session \d+ registered/);
      for (const { gate: connection } of dialing.pairs)
        expect(
          connection.written.filter((one) => one.includes('shutting down')).length,
        ).toBeLessThanOrEqual(1);
      expect(gate.isClosed).toBe(true);
    }));

  it('leak nothing: no slot, no name, no validation, no timer', () =>
    holds(all, ({ gate }) => {
      expect(gate.isClosed).toBe(true);
      expect(leftOvers(gate)).toEqual(nothingLeft);
    }));
});
