import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  Coverage,
  type CoverageJson,
  chartPairs,
  configurations,
  coverageParts,
  coverageSeats,
  describeConfiguration,
  missingFollowers,
  registrationEdges,
  type StepRecord,
} from '../../machines/index.js';
import { played } from './played.js';

function counted(steps: Iterable<StepRecord>): Coverage {
  const coverage = new Coverage();
  for (const step of steps) coverage.add(step);
  return coverage;
}

const two = played('2c');

describe('A coverage', () => {
  test('of a played figure counts its states, transitions and pairs', () => {
    expect(counted(two).toJSON()).toEqual({
      coverage: 1,
      seats: {
        server: {
          sessions: 1,
          steps: 6,
          foreign: 0,
          states: {
            connecting: 1,
            'awaiting/registration': 1,
            'validating/registration': 1,
            'awaiting/rejection': 2,
            'refusing/rejection': 1,
            disconnected: 1,
          },
          transitions: {
            'connecting:Connected': 1,
            'awaiting:RequestRegisterClient': 1,
            'awaiting:OtherMessage': 1,
            'validating:EventError': 1,
            'refusing:EventError': 1,
            'registration:EventError': 1,
            'rejection:rejectionTimeout': 1,
          },
          pairs: {
            'connecting:Connected > awaiting:RequestRegisterClient': 1,
            'awaiting:RequestRegisterClient > validating:EventError + registration:EventError': 1,
            'awaiting:OtherMessage > refusing:EventError': 1,
            'validating:EventError + registration:EventError > awaiting:OtherMessage': 1,
            'refusing:EventError > rejection:rejectionTimeout': 1,
          },
        },
      },
    });
  });

  test('of all figures has every documented transition, and names the missing ones of the others', () => {
    const all = (['1', '2a', '2b', '2c'] as const).flatMap((id) => played(id));
    const parts = coverageParts(counted(all).total);
    expect(parts.documented).toEqual({ covered: 8, of: 8, missing: [] });
    expect(parts.states.missing).toEqual(['validating/rejection']);
    expect(describeConfiguration('validating/rejection')).toBe(
      'The server validates the client. EventAck or EventError is pending. The rejection deadline runs.',
    );
    expect(parts.protocolSteps.missing.map(({ id }) => id)).toContain('registered:OtherMessage');
    expect(parts.transitions.of).toBe(parts.protocolSteps.of + parts.unexpected.of);
    expect(parts.unexpected).toMatchObject({ covered: 0, of: 13 });
    expect(parts.pairsOfSteps).toMatchObject({ covered: 10, of: 82 });
    expect(missingFollowers(parts)).toContainEqual({
      first: 'connecting:Connected',
      seconds: [
        'awaiting:EventError + registration:EventError',
        'connected:Disconnected',
        'registration:registrationTimeout',
      ],
      of: 5,
    });
  });

  test('counts interleaved sessions', () => {
    const sessions = (['1', '2a', '2b', '2c'] as const).map((id) => played(id));
    const alone = sessions.map(counted).reduce((all, one) => all.merge(one), new Coverage());
    const order = fc.shuffledSubarray(
      sessions.flatMap((steps, index) => steps.map(() => index)),
      { minLength: sessions.flat().length },
    );
    fc.assert(
      fc.property(order, (turns) => {
        const next = sessions.map((steps) => steps.values());
        const mixed = turns.map((index) => next[index]?.next().value as StepRecord);
        expect(counted(mixed).toJSON()).toEqual(alone.toJSON());
      }),
      { numRuns: 50 },
    );
  });

  test('joins no steps with a gap between them, and no steps of two sessions with one name', () => {
    const [first, second, , fourth] = two as [StepRecord, StepRecord, StepRecord, StepRecord];
    // The steps between are missing, or they lead elsewhere.
    expect(counted([first, { ...second, seq: 3 }]).total.pairs.size).toBe(0);
    expect(counted([first, { ...fourth, seq: 2 }]).total.pairs.size).toBe(0);
    const again = counted([first, second, first, second]).total;
    expect(again.sessions).toBe(2);
    expect([...again.pairs]).toEqual([
      ['connecting:Connected > awaiting:RequestRegisterClient', 2],
    ]);
    const seats = counted([first, { ...second, seat: 'client' }]);
    expect(seats.total.pairs.size).toBe(0);
    expect(seats.seats).toEqual(['server', 'client']);
    expect(seats.of('client')).toMatchObject({ sessions: 1, steps: 1 });
  });

  test('remembers 100,000 open sessions, and drops the session that was quiet longest', () => {
    const [first, second] = two as [StepRecord, StepRecord];
    const coverage = new Coverage();
    const named = (step: StepRecord, number: number) => ({ ...step, session: `${number}` });
    for (let number = 0; number < 100_000; number += 1) coverage.add(named(first, number));
    coverage.add(named(second, 0));
    coverage.add(named(first, 100_000));
    coverage.add(named(second, 2));
    coverage.add(named(second, 1));
    const { sessions, pairs } = coverage.total;
    // Session 1 was dropped: its next step counts as a new session.
    expect({ sessions, pairs: [...pairs.values()] }).toEqual({ sessions: 100_002, pairs: [2] });
  });

  test('counts foreign steps, and adds no names from them', () => {
    const [first, second, third] = two as [StepRecord, StepRecord, StepRecord];
    const strange: StepRecord[] = [
      first,
      { ...second, transition: ['awaiting:Sesame'] },
      third,
      { ...second, session: 'other', transition: [] },
      { ...second, session: 'third', to: 'registered' },
    ];
    const { total } = counted(strange);
    expect(total).toMatchObject({ sessions: 3, steps: 5, foreign: 3 });
    expect([...total.transitions.keys()]).toEqual([
      'connecting:Connected',
      'validating:EventError',
      'registration:EventError',
    ]);
    expect(total.pairs.size).toBe(0);
  });
});

const times = fc.oneof(fc.nat(9), fc.integer({ min: 2 ** 52, max: Number.MAX_SAFE_INTEGER }));
const counts = (names: readonly string[]) =>
  fc.dictionary(fc.constantFrom(...names), times, { maxKeys: 4 });
const seat = fc.record({
  sessions: times,
  steps: times,
  foreign: times,
  states: counts(configurations),
  transitions: counts(registrationEdges.map(({ id }) => id)),
  pairs: counts([...chartPairs().keys()].slice(0, 6)),
});
const file = fc
  .dictionary(fc.constantFrom(...coverageSeats), seat)
  .map((seats): CoverageJson => ({ coverage: 1, seats }));

describe('Merging', () => {
  const merged = (...files: CoverageJson[]) =>
    files
      .map(Coverage.from)
      .reduce((all, one) => all.merge(one), new Coverage())
      .toJSON();

  test('does not depend on the order', () => {
    fc.assert(
      fc.property(file, file, file, (a, b, c) => {
        expect(merged(b, a)).toEqual(merged(a, b));
        expect(merged(merged(a, b), c)).toEqual(merged(a, merged(b, c)));
      }),
    );
  });

  test('with nothing changes nothing', () => {
    fc.assert(
      fc.property(file, (a) => {
        expect(merged(a, { coverage: 1, seats: {} })).toEqual(merged(a));
      }),
    );
  });
});
