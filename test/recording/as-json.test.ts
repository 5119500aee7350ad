import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  configurations,
  type SessionSummary,
  type StepRecord,
  stepJson,
  summaryJson,
} from '../../machines/index.js';

const text = fc.string({ unit: 'binary' });
const time = fc.double({ min: 0, max: 1e13, noNaN: true });
const step: fc.Arbitrary<StepRecord> = fc.record({
  seq: fc.nat(),
  session: text,
  seat: fc.constantFrom('server', 'client', 'observer', 'tester'),
  at: time,
  elapsed: time,
  kind: fc.constantFrom('message', 'timer', 'lifecycle'),
  direction: fc.constantFrom('in', 'out', null),
  name: text,
  referenceId: fc.option(fc.integer()),
  from: fc.constantFrom(...configurations),
  to: fc.constantFrom(...configurations),
  transition: fc.array(text),
  deadline: fc.option(time),
  reason: fc.constantFrom('peer-closed', 'registration-timeout', null),
  payload: fc.option(
    fc.dictionary(text, fc.jsonValue()).map((rest) => ({ ...rest, messageName: 'A' })),
  ),
});

describe('a step as a line of a recording', () => {
  it('is to the letter what JSON.stringify makes of it', () => {
    fc.assert(
      fc.property(step, (one) => {
        expect(stepJson(one)).toBe(JSON.stringify(one));
      }),
      { numRuns: 2_000 },
    );
  });

  it('has what an observer adds, the session of the proxy, and the epoch of its name', () => {
    const observed = { file: 'a.log', line: 1, inferred: [], missing: null, findings: [] };
    fc.assert(
      fc.property(step, (one) => {
        for (const marked of [
          { ...one, observed },
          { ...one, carrier: 'g-1' },
          { ...one, epoch: 1_780_000_000_000_001 },
        ]) {
          expect(stepJson(marked)).toBe(JSON.stringify(marked));
        }
      }),
      { numRuns: 50 },
    );
  });

  it('throws when its payload holds a value that JSON cannot represent', () => {
    const [one] = fc.sample(step, 1) as [StepRecord];
    expect(() => stepJson({ ...one, payload: { messageName: 'A', count: 1n } })).toThrow(TypeError);
  });
});

const summary: fc.Arbitrary<SessionSummary> = fc.record({
  session: text,
  seat: fc.constantFrom('server', 'observer'),
  state: fc.constantFrom(...configurations),
  verdict: fc.constantFrom('open', 'registered', 'refused'),
  figure: fc.constantFrom('1', '2a', null),
  clientName: fc.option(text),
  clientType: fc.option(text),
  mediaType: fc.option(text),
  proxyClientId: fc.option(fc.integer()),
  startedAt: time,
  lastAt: time,
  elapsed: time,
  registeredAfter: fc.option(time),
  deadline: fc.option(fc.record({ kind: fc.constantFrom('registration', 'rejection'), at: time })),
  reason: fc.constantFrom('peer-closed', null),
  error: fc.option(fc.record({ code: fc.option(fc.integer()), text })),
  errors: fc.nat(),
  steps: fc.nat(),
  story: fc.array(fc.constantFrom('refused', 'spoke'), { maxLength: 3 }),
  missing: fc.constantFrom('start', null),
  carrier: fc.option(text, { nil: undefined }),
  logName: fc.option(text, { nil: undefined }),
}) as fc.Arbitrary<SessionSummary>;

describe('the summary of a session, as the page lists it', () => {
  it('is to the letter what JSON.stringify makes of it', () => {
    fc.assert(
      fc.property(summary, (one) => {
        expect(summaryJson(one)).toBe(JSON.stringify(one));
      }),
      { numRuns: 2_000 },
    );
  });
});
